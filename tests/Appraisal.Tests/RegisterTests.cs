using System.Text.Json;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Recognitions;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>
/// Titles through mergers: the cases of Hà Tĩnh of 2020, with the units of the house's own register. Which predecessor was recognised
/// in which year is made up; that all were, and what the province decided, is not.
/// </summary>
public sealed class RegisterTests
{
    private static readonly DateOnly Merger = new(2020, 1, 1);
    private static readonly DateOnly Acknowledged = new(2023, 12, 20);
    private static readonly Guid Province = DeterministicId.Of("42");

    /// <summary>Acknowledged by QĐ 3368/QĐ-UBND of 20/12/2023 as new-rural communes of 2023.</summary>
    public static TheoryData<string> Sixteen =>
    [
        "Yên Hòa", "Nam Phúc Thăng", "Khánh Vĩnh Yên", "Kim Song Trường", "Tùng Châu", "An Dũng", "Tân Dân", "Hòa Lạc", "Tân Mỹ Hà", "Kim Hoa", "An Hòa Thịnh", "Quang Diệm",
        "Bình An", "Đỉnh Bàn", "Đồng Môn", "Thọ Điền",
    ];

    /// <summary>Recognised anew after the merger: no acknowledgement needed.</summary>
    public static TheoryData<string, string, string> Anew => new()
    {
        { "Đan Trường", "283/QĐ-UBND", "2022-01-26" }, { "Quang Thọ", "283/QĐ-UBND", "2022-01-26" }, { "Nam Điền", "283/QĐ-UBND", "2022-01-26" }, { "Lưu Vĩnh Sơn", "283/QĐ-UBND", "2022-01-26" },
        { "Tân Lâm Hương", "1337/QĐ-UBND", "2022-07-01" }, { "Bùi La Nhân", "1337/QĐ-UBND", "2022-07-01" }, { "Lâm Trung Thủy", "1337/QĐ-UBND", "2022-07-01" },
        { "Thanh Bình Thịnh", "1337/QĐ-UBND", "2022-07-01" }, { "Lâm Hợp", "218/QĐ-UBND", "2021-01-15" },
    };

    /// <summary>What the predecessors held, what is proposed, whether the lower title may be acknowledged (process.md §6).</summary>
    public static TheoryData<string, string?, string, string?> Cases => new()
    {
        { "ntm ntm", "commune-ntm", "commune-ntm", null },
        { "advanced advanced", "commune-advanced", "commune-advanced", null },
        { "model model", "commune-model", "commune-model", null },
        { "ntm -", null, "commune-ntm", "predecessor-without-title" },
        { "advanced -", null, "commune-advanced", "predecessor-without-title" },
        { "model -", null, "commune-ntm", "predecessor-without-title" },
        { "model ntm", "commune-ntm", "commune-advanced", "predecessor-without-title" },
        { "model ntm", "commune-ntm", "commune-ntm", null },
        { "model advanced", "commune-advanced", "commune-advanced", null },
        { "advanced ntm", "commune-ntm", "commune-ntm", null },
        { "ntm ntm", "commune-ntm", "commune-model", "title-not-held" },
        { "- -", null, "commune-ntm", "nothing-to-acknowledge" },
    };

    [Theory]
    [MemberData(nameof(Sixteen))]
    public void Sixteen_merged_communes_waited_until_the_province_acknowledged_them(string name)
    {
        var (tree, heir, parts) = MergedInto(name);
        List<Recognition> entries = [.. parts.Select((p, n) => Entry(p, "commune-ntm", new(2015 + n, 12, 1)))];
        var waiting = new Standing(tree, Given.Book, Acknowledged.AddDays(-1), entries, heir.Id);
        Assert.All(entries, e => Assert.Equal(Standing.Pending, waiting.StatusOf(e)));
        Assert.Equal(("commune-ntm", 2015 + parts.Count - 1, "derived"), waiting.PendingOf(entries[0]) is { Proposal: { } p, By: [var by] } && by.Id == heir.Id ? (p.Title, p.Year, p.Mark) : default);
        Assert.All(entries, e => Assert.Equal(Standing.InForce, (waiting with { Day = Merger.AddDays(-1), Asked = e.UnitId }).StatusOf(e)));

        var decision = AcknowledgeTitle.Decide(new(heir, "commune-ntm", Issuers.ProvinceChair, null, entries, tree, Given.Book), Body(2023), DeterministicId.Of(name), "ct", Given.Now);
        var e = Assert.IsType<TitleAcknowledged>(Assert.Single(decision.Events));
        Assert.Equal((2023, parts.Count), (e.Year, e.Predecessors.Count));
        var own = Recognition.Of(e, demonstration: false);
        Recognition[] after = [.. entries.Select(r => r.After(new RecognitionSucceeded(heir, Acknowledged, e.Entry, "ct", Given.Now))), own];
        var then = waiting with { Day = Acknowledged, Known = after };
        Assert.Equal([.. parts.Select(_ => Standing.Succeeded), Standing.InForce], after.Select(then.StatusOf));
        var before = waiting with { Known = after };
        Assert.All(after[..^1], r => Assert.Equal(Standing.Pending, before.StatusOf(r)));
        Assert.Equal("nothing-to-acknowledge", AcknowledgeTitle.Decide(new(heir, "commune-ntm", Issuers.ProvinceChair, null, after, tree, Given.Book), Body(), DeterministicId.Of("again"), "ct", Given.Now).Refusal?.Rule);
    }

    [Theory]
    [MemberData(nameof(Anew))]
    public void A_commune_that_was_recognised_anew_needs_no_acknowledgement(string name, string number, string date)
    {
        var (tree, heir, parts) = MergedInto(name);
        var day = DateOnly.Parse(date, System.Globalization.CultureInfo.InvariantCulture);
        Recognition[] entries = [.. parts.Select(p => Entry(p, "commune-ntm", new(2017, 12, 1))), Entry(heir, "commune-advanced", day, number)];
        var then = new Standing(tree, Given.Book, day, entries, heir.Id);
        Assert.Equal([.. parts.Select(_ => Standing.Succeeded), Standing.InForce], entries.Select(then.StatusOf));
        Assert.All(entries[..^1], e => Assert.Equal(Standing.Pending, (then with { Day = day.AddDays(-1) }).StatusOf(e)));
        Assert.Equal("nothing-to-acknowledge", AcknowledgeTitle.Decide(new(heir, "commune-ntm", Issuers.ProvinceChair, null, entries, tree, Given.Book), Body(), DeterministicId.Of("x"), "ct", Given.Now).Refusal?.Rule);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_predecessors_held_decides_what_may_be_acknowledged(string held, string? proposed, string title, string? refused)
    {
        var (tree, heir, parts) = MergedInto("Yên Hòa");
        List<Recognition> entries = [.. held.Split(' ').Zip(parts).Where(x => x.First != "-").Select(x => Entry(x.Second, $"commune-{x.First}", new(2018, 12, 1)))];
        var standing = new Standing(tree, Given.Book, Acknowledged, entries, heir.Id);
        Assert.Equal(proposed, standing.Propose(heir.Id)?.Title);
        Assert.Equal(refused, AcknowledgeTitle.Decide(new(heir, title, Issuers.ProvinceChair, null, entries, tree, Given.Book), Body(), DeterministicId.Of("x"), "ct", Given.Now).Refusal?.Rule);
    }

    public static TheoryData<string> MergersOf2025 => [.. Events("2025-07-01").Select(e => e.To).Distinct()];

    [Theory]
    [MemberData(nameof(MergersOf2025))]
    public void The_merger_of_2025_has_no_rule_titles_wait_and_nothing_is_proposed(string code)
    {
        var (tree, heir, parts) = Merged(Events("2025-07-01").First(e => e.To == code), code);
        Recognition[] entries = [.. parts.Select(p => Entry(p, "commune-ntm", new(2018, 12, 1)))];
        var standing = new Standing(tree, Given.Book, new(2025, 7, 1), entries, heir.Id);
        Assert.All(entries, e => Assert.Equal((Standing.Pending, null, null, "unknown"), standing.PendingOf(e)!.Proposal is { } p ? (standing.StatusOf(e), p.Title, p.Year, p.Mark) : default));
        // An explicit decision is recorded, also where not all held the title; its year is nobody's guess.
        var decided = AcknowledgeTitle.Decide(new(heir, "commune-ntm", Issuers.ProvinceChair, null, entries[..1], tree, Given.Book), Body(date: new(2026, 3, 1)), DeterministicId.Of("x"), "ct", Given.Now);
        Assert.Null(Assert.IsType<TitleAcknowledged>(Assert.Single(decided.Events)).Year);
    }

    [Fact]
    public void Without_a_unit_asked_for_an_entry_stands_as_its_own_heirs_say_and_a_unit_without_heirs_has_ended()
    {
        var (tree, heir, parts) = MergedInto("Bình An");
        var entry = Entry(parts[0], "commune-ntm", new(2018, 12, 1));
        var standing = new Standing(tree, Given.Book, Merger, []);
        Assert.Equal((Standing.Pending, heir.Id), (standing.StatusOf(entry), standing.PendingOf(entry)!.By.Single().Id));
        Assert.Null(standing.PendingOf(entry)!.Proposal);
        Assert.Equal([heir.Id], standing.HeirsOf([entry]));
        Assert.Equal(Standing.Succeeded, (standing with { Known = [Entry(heir, "commune-model", Merger)] }).StatusOf(entry));
        var district = new UnitRef(DeterministicId.Of("d"), "436", "Thành phố Hà Tĩnh");
        var closed = new UnitTree([new(district.Id, "district", null, [new("436", "Hà Tĩnh", "Thành phố Hà Tĩnh", "thanh_pho", Province, null, new(2025, 6, 30), null, "seen")], [], [])]);
        Assert.Equal([Standing.InForce, Standing.Ended], new DateOnly[] { new(2025, 6, 30), new(2025, 7, 1) }.Select(d => new Standing(closed, Given.Book, d, []).StatusOf(Entry(district, "district-ntm", new(2020, 1, 1)))));
    }

    [Fact]
    public void Of_a_unit_that_was_split_each_heir_waits_for_its_own_decision()
    {
        UnitRef old = Ref("18001", "cũ"), east = Ref("18002", "đông"), west = Ref("18003", "tây");
        var tree = new UnitTree(
        [
            State(old, null, new(2024, 12, 31), [], [new(east.Id, new(2025, 1, 1), "part"), new(west.Id, new(2025, 1, 1), "part")]),
            State(east, new(2025, 1, 1), null, [new(old.Id, new(2025, 1, 1), "part")], []), State(west, new(2025, 1, 1), null, [new(old.Id, new(2025, 1, 1), "part")], []),
        ]);
        var entry = Entry(old, "commune-ntm", new(2018, 1, 1)).After(new RecognitionSucceeded(east, new(2025, 3, 1), Guid.CreateVersion7(), "ct", Given.Now));
        Assert.Equal(Standing.Succeeded, new Standing(tree, Given.Book, Given.Today, [entry], east.Id).StatusOf(entry));
        Assert.Equal(Standing.Pending, new Standing(tree, Given.Book, Given.Today, [entry], west.Id).StatusOf(entry));
    }

    [Theory]
    [InlineData("""[{"from":null,"to":null,"held_by":"most","proposes":null,"year":null,"mark":"unknown","legal_ref":null}]""", "$[0]")]
    [InlineData("""[{"from":null,"to":"2025-06-30","held_by":null,"proposes":null,"year":null,"mark":"unknown","legal_ref":null},{"from":"2025-06-30","to":null,"held_by":null,"proposes":null,"year":null,"mark":"unknown","legal_ref":null}]""", "$[1].from")]
    public void A_rule_that_is_not_known_or_that_overlaps_stops_the_start(string rules, string place)
    {
        var folder = Directory.CreateTempSubdirectory("ntm-inheritance").FullName;
        File.Copy(Repository.PathOf("data/procedures/titles.json"), Path.Combine(folder, "titles.json"));
        File.WriteAllText(Path.Combine(folder, "inheritance.json"), rules);
        Assert.Contains(place, Assert.Throws<InvalidDataException>(() => ProcedureBook.Load(folder)).Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    internal static Recognition Entry(UnitRef unit, string title, DateOnly day, string number = "1/QĐ-UBND") => Recognition.Of(
        new RecognitionGranted(DeterministicId.Of(unit.Id.ToString(), title), unit, title, number, day, "QĐ 18", "ct", Given.Now, Issuers.ProvinceChair), demonstration: false);

    private static AcknowledgeTitle.Body Body(int? year = null, DateOnly? date = null) => new(null, null, "3368/QĐ-UBND", date ?? Acknowledged, "CV 5424/BNN-VPĐP", year);

    private static (UnitTree Tree, UnitRef Heir, IReadOnlyList<UnitRef> Parts) MergedInto(string name)
    {
        var merger = Assert.Single(Events("2020-01-01"), e => e.Note.EndsWith($"→ Xã {name}", StringComparison.Ordinal));
        return Merged(merger, name);
    }

    private static (UnitTree Tree, UnitRef Heir, IReadOnlyList<UnitRef> Parts) Merged(MergerEvent merger, string name)
    {
        var on = merger.On;
        var heir = new UnitRef(DeterministicId.Of(merger.To, $"{on}"), merger.To, $"Xã {name}");
        List<UnitRef> parts = [.. merger.From.Select(code => new UnitRef(DeterministicId.Of(code, "old"), code, $"Xã {code}"))];
        UnitLink[] before = [.. parts.Select(p => new UnitLink(p.Id, on, "whole"))];
        return (new([State(heir, on, null, before, []), .. parts.Select(p => State(p, null, on.AddDays(-1), [], [new(heir.Id, on, "whole")]))]), heir, parts);
    }

    private static UnitRef Ref(string code, string name) => new(DeterministicId.Of(code), code, name);

    private static UnitState State(UnitRef unit, DateOnly? from, DateOnly? to, IReadOnlyList<UnitLink> before, IReadOnlyList<UnitLink> after) =>
        new(unit.Id, "commune", null, [new(unit.Code, unit.Name, unit.Name, "xa", Province, from, to, null, "seen")], before, after);

    private sealed record MergerEvent(DateOnly On, IReadOnlyList<string> From, string To, string Note);

    private static IEnumerable<MergerEvent> Events(string date) =>
        from e in JsonDocument.Parse(Repository.Read("data/units.json")).RootElement.GetProperty("events").EnumerateArray()
        where (e.GetProperty("kind").GetString(), e.GetProperty("level").GetString(), e.GetProperty("date").GetString()) == ("merged", "commune", date)
        select new MergerEvent(
            DateOnly.Parse(date, System.Globalization.CultureInfo.InvariantCulture), [.. e.GetProperty("from").EnumerateArray().Select(c => c.GetString()!)],
            e.GetProperty("to")[0].GetString()!, e.TryGetProperty("note", out var note) ? note.GetString()! : "");
}
