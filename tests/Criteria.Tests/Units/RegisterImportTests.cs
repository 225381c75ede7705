using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units.Administration;
using Ntm.Criteria.Units.Exchange;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Units;

public sealed class RegisterImportTests
{
    private const string Header = "record,unitId,level,region,code,name,fullName,kind,parentId,from,to,legalBasis,mark,otherUnitId,part,fact,value";
    private readonly Registry register = new();

    [Fact]
    public async Task An_export_gives_the_same_register_in_both_forms()
    {
        Classified();
        foreach (var file in (RegisterFile[])[await JsonAsync(Json(register.Exported())), Csv(RegisterCsv.Write(register.Exported()))])
        {
            var empty = new Registry(empty: true);
            Assert.Empty(file.Faults);
            Assert.Empty(empty.Import(file.Units).Faults);
            Assert.Equal(register.Units.Keys.Order(), empty.Units.Keys.Order());
            Assert.All(register.Units.Values, u => Assert.True(RegisterImport.Same(u, empty.Units[u.Id])));
            Assert.Empty(empty.Import(file.Units).Streams);
        }
    }

    [Fact]
    public async Task Decisions_behind_links_and_ends_go_round()
    {
        register.When(act => MergeUnits.Plan(act, new(new(null, "99001", "Mới", null, "xa", null), [new("18073", "whole", null), new("18100", "một phần", null)], null, null, null)))
            .When(act => SplitUnit.PlanDissolve(act, new([new("18100", "whole", null)], null, null)), "99001", "2028-01-01", eve: true);
        foreach (var file in (RegisterFile[])[await JsonAsync(Json(register.Exported())), Csv(RegisterCsv.Write(register.Exported()))])
        {
            var empty = new Registry(empty: true);
            Assert.Empty(empty.Import(file.Units).Faults);
            Assert.Equal(Said(register), Said(empty));
        }

        static IEnumerable<string> Said(Registry of) => of.Exported().OrderBy(u => u.Id)
            .Select(u => $"{u.Id} {u.End} {string.Join(' ', u.Predecessors.OrderBy(l => (l.Unit, l.On)))} > {string.Join(' ', u.Successors.OrderBy(l => (l.Unit, l.On)))}");
    }

    [Fact]
    public void No_mark_is_raised_by_a_file_that_says_none()
    {
        var old = new Registry(empty: true);
        Assert.Empty(old.Import(register.Units.Values).Faults);
        var told = register.Exported().ToDictionary(u => u.Id);
        Assert.All(old.Exported().Where(u => u.End is not null), u => Assert.Equal((null, "unknown"), (u.End!.LegalBasis, u.End.Mark)));
        Assert.All(old.Exported().SelectMany(u => u.Predecessors.Select(l => (u.Id, l))), x => Assert.True(
            x.l.Mark == "unknown" || told[x.Id].Versions.Any(v => v.From == x.l.On && v.Mark == x.l.Mark)));
    }

    [Theory]
    [InlineData("end.kind", "end-kind", "gone", "2026-12-31", "seen", "NQ")]
    [InlineData("end.lastDay", "end-day", "dissolved", "2026-12-30", "seen", "NQ")]
    [InlineData("end.mark", "mark-unknown", "dissolved", "2026-12-31", "guessed", "NQ")]
    [InlineData("end.legalBasis", "text-form", "dissolved", "2026-12-31", "seen", " NQ")]
    public void An_end_has_a_kind_a_day_and_a_mark(string field, string rule, string kind, string lastDay, string mark, string basis)
    {
        var unit = New("99001");
        var version = unit.Versions[0] with { From = new(2026, 1, 1), To = new(2026, 12, 31) };
        var plan = register.Import([new FileUnit(new RegisterUnit(unit.Id, unit.Level, unit.Region, [version], [], [], [], new(Registry.Day(lastDay), kind, basis, mark)))]);
        Assert.Contains((field, rule), plan.Faults.Select(f => (f.Field, f.Rule)));
        Assert.Empty(plan.Streams);
    }

    [Fact]
    public void A_second_import_adds_nothing()
    {
        var plan = register.Import([.. register.Units.Values]);
        Assert.Equal((0, register.Units.Count, 0), (plan.Streams.Count, plan.Unchanged, plan.Faults.Count));
    }

    [Fact]
    public void An_old_export_takes_nothing_back()
    {
        List<UnitState> old = [.. register.Units.Values];
        Classified();
        List<UnitState> older = [.. register.Units.Values];
        register.When(act => MergeUnits.Plan(act, new(new(null, "99001", "Mới", null, "xa", null), [new("18073", "whole", null), new("18100", "một phần", null)], null, null, null)));
        register.When(act => ClassifyUnit.Plan(act, new([new("population", new(true, "90"), new(2023, 1, 1), null, null, null)], null, null)), "18100");
        foreach (var file in (List<UnitState>[])[old, older])
        {
            var plan = register.Import(file);
            Assert.Equal((0, 0), (plan.Streams.Count, plan.Faults.Count));
        }
    }

    [Fact]
    public async Task An_old_text_of_units_without_facts_takes_nothing_back()
    {
        register.When(act => CreateUnit.Plan(act, new("99001", "Mới", null, "xa", "commune", "42", null, null, null)));
        Assert.Null(register.Unit("99001", "2027-01-01").Facts);
        var text = Json(register.Exported());
        register.When(act => ClassifyUnit.Plan(act, new([new("communeGroup", new(true, "1"), null, null, null, null)], null, null)), "99001")
            .When(act => RenameUnit.Plan(act, new("Tên Mới", null, null, null, null, null)), "99001", "2028-01-01");
        var plan = register.Import((await JsonAsync(text)).Units);
        Assert.Equal((0, 0), (plan.Streams.Count, plan.Faults.Count));
    }

    [Fact]
    public void A_newer_file_adds_what_came_later()
    {
        var newer = register.Copy().When(act => MergeUnits.Plan(act, new(new(null, "99001", "Mới", null, "xa", null), [new("18073", "whole", null), new("18100", "một phần", null)], null, null, null)))
            .When(act => RenameUnit.Plan(act, new("Đông", null, null, "phuong", null, null)), "99001", "2028-01-01")
            .When(act => ClassifyUnit.Plan(act, new([new("population", new(true, "90"), new(2027, 1, 1), new(2027, 12, 31), null, null), new("population", new(true, "95"), new(2028, 1, 1), null, null, null)], null, null)), "99001", "2028-01-01");
        var plan = register.Import(newer.Units.Values);
        Assert.Empty(plan.Faults);
        Assert.Equal(3, plan.Streams.Count);
        Assert.All(newer.Units.Values, u => Assert.True(RegisterImport.Same(u, register.Units[u.Id])));
        Assert.Empty(register.Import(newer.Units.Values).Streams);
    }

    [Fact]
    public void Another_history_than_the_recorded_one_is_refused()
    {
        Classified();
        Differs(u => u with { Versions = [u.Versions[0] with { Name = "Khác" }, .. u.Versions.Skip(1)] }, "versions[0]");
        Differs(u => u with { Versions = [.. u.Versions.SkipLast(1), u.Versions[^1] with { Mark = "unknown" }] }, "versions[0]");
        Differs(u => u with { Predecessors = [] }, "predecessors");
        Differs(u => u with { Region = "Tây Nguyên" }, "region");
        Differs(u => u with { Facts = [.. u.Facts!.Select(f => f with { Value = "3" })] }, "facts");
        Differs(u => u with { Facts = [new("coastal", "true", null, null, null, "seen")] }, "facts");
    }

    [Fact]
    public void Days_of_which_nothing_was_known_may_be_filled()
    {
        Classified();
        var unit = register.Unit("18100", "2026-01-01");
        var plan = register.Import([unit with { Facts = [new("communeGroup", "2", new(2023, 1, 1), new(2023, 12, 31), null, "recalled"), .. unit.Facts!] }]);
        Assert.Empty(plan.Faults);
        Assert.Equal(["2", "1"], register.Unit("18100", "2026-01-01").Facts!.Where(f => f.Name == "communeGroup").Select(f => f.Value));
    }

    [Fact]
    public void What_a_file_does_not_speak_of_stays()
    {
        Classified();
        var unit = register.Unit("18100", "2026-01-01");
        var plan = register.Import([new FileUnit(unit with { Predecessors = [], Successors = [], Facts = [] }, false, false, false)]);
        Assert.Equal((0, 0), (plan.Streams.Count, plan.Faults.Count));
    }

    [Fact]
    public void One_fault_loads_nothing()
    {
        List<UnitState> file = [New("99001"), New("99002", kind: "tinh"), New("99003")];
        var plan = register.Import(file);
        Assert.Equal("kind-of-level", Assert.Single(plan.Faults).Rule);
        Assert.Empty(plan.Streams);
    }

    [Fact]
    public void What_is_too_long_is_said_at_once_and_a_file_may_be_given_up()
    {
        DateOnly first = new(2027, 1, 1);
        var known = register.Unit("18100", "2026-01-01");
        List<UnitState> file = [known with { Facts = [.. Enumerable.Range(0, 200_000).Select(n => new UnitFact("population", $"{n}", first, first, null, "seen"))] }];
        file.AddRange(Enumerable.Range(0, 40).Select(n => New($"99{n:000}") with { Facts = [.. Enumerable.Range(0, 5_000).Select(d => new UnitFact("population", $"{d}", first.AddDays(d), first.AddDays(d), null, "seen"))] }));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var plan = register.Copy().Import(file);
        Assert.Equal("too-many", Assert.Single(plan.Faults).Rule);
        Assert.Empty(register.Copy().Import(file.Skip(1)).Faults);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
        using var gone = new CancellationTokenSource();
        gone.Cancel();
        Assert.Throws<OperationCanceledException>(() => new RegisterImport(register.Units, Registry.Regions, "phuong", Given.Imported).Plan([.. file.Skip(1).Select(s => new FileUnit(s))], new Dictionary<Guid, IReadOnlyList<UnitState>>(), null, gone.Token));
    }

    [Fact]
    public void Many_facts_at_once_are_the_same_as_one_after_the_other() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(20261127, 9),
        Prop.ForAll(Arb.From(Gen.ListOf(Gen.Choose(0, 1_000_000))), numbers =>
        {
            DateOnly first = new(2027, 1, 1);
            UnitFact[] facts = [.. numbers.Take(12).Select(n => new UnitFact(n % 2 == 0 ? "population" : "areaKm2", $"{n}", n % 7 == 0 ? null : first.AddDays(n / 10 % 20), n % 11 == 0 ? null : first.AddDays((n / 10 % 20) + (n / 200 % 8)), null, "seen"))];
            var known = facts.Take(facts.Length / 2).Aggregate((IReadOnlyList<UnitFact>)[], Ntm.Criteria.Units.UnitHistory.Paint);
            UnitFact[] added = [.. facts.Skip(facts.Length / 2)];
            Assert.Equal(added.Aggregate(known, Ntm.Criteria.Units.UnitHistory.Paint), Ntm.Criteria.Units.UnitHistory.Paint(known, added));
        }));

    [Fact]
    public void A_unit_stands_once_in_a_file() => Assert.Contains(register.Import([New("99001"), New("99001")]).Faults, f => f.Rule == "unit-twice");

    [Fact]
    public void A_link_needs_its_mirror_image()
    {
        var gone = register.Unit("18100", "2026-01-01");
        var plan = register.Import([New("99001") with { Predecessors = [new(gone.Id, new(2027, 1, 1), "một phần")] }]);
        Assert.Equal("link-not-mirrored", Assert.Single(plan.Faults).Rule);
    }

    [Fact]
    public void Nobody_takes_over_the_units_of_another_province()
    {
        var own = register.Unit("42", "2026-01-01").Id;
        var other = new UnitState(Guid.Parse("00000000-0000-0000-0000-000000000043"), "province", null, [new("43", "Khác", "Tỉnh Khác", "tinh", null, null, null, null, "seen")], [], [], []);
        var below = New("99001") with { Versions = [New("99001").Versions[0] with { Parent = other.Id }] };
        Assert.Equal([RegisterImport.AnotherProvince], Rules(register.Copy().Import([other], new HashSet<Guid> { own })));
        var both = register.Copy();
        Assert.Empty(both.Import([other, below]).Faults);
        Assert.Empty(both.Import([other, below], new HashSet<Guid> { own }).Faults);
        var moved = below with { Versions = [below.Versions[0] with { To = new(2027, 12, 31) }, below.Versions[0] with { Parent = own, From = new(2028, 1, 1) }] };
        Assert.Equal([RegisterImport.AnotherProvince], Rules(both.Copy().Import([moved], new HashSet<Guid> { own })));
        Assert.Equal([RegisterImport.AnotherProvince], Rules(both.Copy().Import([moved], new HashSet<Guid> { other.Id })));
        Assert.Empty(Rules(both.Import([moved], new HashSet<Guid> { own, other.Id })));
        Assert.Empty(Rules(register.Import([New("99002")], new HashSet<Guid> { own })));

        static IEnumerable<string> Rules(ImportPlan plan) => plan.Faults.Select(f => f.Rule).Distinct(StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("{", 1)]
    [InlineData("{ \"units\": [\n{ \"id\": 1 } ] }", 2)]
    [InlineData("{ \"units\": [\n{ \"name\": \"x\" } ] }", 2)]
    [InlineData("{ \"units\": [], \"units\": [] }", 1)]
    [InlineData("{ \"units\": [{ \"level\": \"a\\u0000b\" }] }", 1)]
    [InlineData("{ \"units\": [{ \"level\": \"\\ud800\" }] }", 1)]
    [InlineData("[]", 1)]
    public async Task Json_that_cannot_be_read_names_its_line(string json, int line)
    {
        var (_, refusal) = await RegisterFile.ReadJsonAsync(new MemoryStream(Encoding.UTF8.GetBytes(json)), TestContext.Current.CancellationToken);
        Assert.Equal((400, "malformed-body"), (refusal?.Status, refusal?.Rule));
        Assert.Contains($"Line {line}:", refusal!.Detail.En, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null", "units")]
    [InlineData("{}", "units")]
    [InlineData("""{ "units": [null] }""", "units[0].id")]
    [InlineData("""{ "units": [{ "level": "commune" }] }""", "units[0].id")]
    [InlineData("""{ "units": [{ "id": "00000000-0000-0000-0000-000000000001", "versions": [null] }] }""", "units[0].versions[0]")]
    [InlineData("""{ "units": [{ "id": "00000000-0000-0000-0000-000000000001", "facts": [null] }] }""", "units[0].facts[0]")]
    public async Task What_is_missing_is_told_by_place(string json, string place) => Assert.Equal(place, (await JsonAsync(json)).Faults[0].Field);

    [Fact]
    public async Task A_unit_of_which_nothing_is_told_breaks_rules_and_nothing_else()
    {
        var file = await JsonAsync("""{ "units": [{ "id": "00000000-0000-0000-0000-000000000001", "versions": [{}], "predecessors": [{}], "successors": [{}], "facts": [{}] }, { "id": "00000000-0000-0000-0000-000000000002" }] }""");
        Assert.NotEmpty(register.Import(file.Units).Faults);
        Assert.Equal("units[0].versions[0].code", file.Place(0, "versions[0].code"));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("record,unitId", 1)]
    [InlineData($"{Header},height", 1)]
    [InlineData($"{Header},code", 1)]
    [InlineData($"{Header}\r\nversion", 2)]
    [InlineData($"{Header}\r\n\"version", 2)]
    [InlineData($"{Header}\n\nver\"sion", 3)]
    [InlineData($"{Header}\n\"version\"x", 2)]
    [InlineData($"{Header}\nversion\0", 2)]
    public void Csv_that_cannot_be_read_names_its_line(string csv, int line)
    {
        var (_, refusal) = RegisterCsv.Read(Encoding.UTF8.GetBytes(csv));
        Assert.Equal((400, "malformed-body"), (refusal?.Status, refusal?.Rule));
        Assert.Contains($"Line {line}:", refusal!.Detail.En, StringComparison.Ordinal);
    }

    [Fact]
    public void Csv_is_utf_8() => Assert.Equal(400, RegisterCsv.Read([0xff, 0xfe, 0x41]).Refusal?.Status);

    [Fact]
    public void Faults_of_a_table_name_line_and_column()
    {
        const string id = "00000000-0000-0000-0000-000000000001";
        var file = Csv($"{Header}\r\nversion,x,,,,,,,,,,,,,,,\r\nversion,,,,,,,,,,,,,,,,\r\nversion,{id},commune,,1,a,\"a\r\nb\",xa,,2027-1-1,,,seen,,,,\r\nfact,{id},,,,,,,,,,,seen,,,population,x\r\nrow,{id},,,,,,,,,,,,,,,\r\n");
        Assert.Equal(["line 2, unitId", "line 3, unitId", "line 4, from", "line 7, record"], file.Faults.Select(f => f.Field));
        Assert.Equal("line 4, code", file.Place(0, "versions[0].code"));
        Assert.Equal("line 4, parentId", file.Place(0, "versions[0].parent"));
        Assert.Equal("line 6, value", file.Place(0, "facts[0].value"));
        Assert.Equal("line 4, level", file.Place(0, "level"));
        Assert.Equal("line 4, unitId", file.Place(0, "versions"));
    }

    [Fact]
    public void Ids_and_days_that_a_table_leaves_out_are_missed()
    {
        const string id = "00000000-0000-0000-0000-000000000001", zeros = "00000000-0000-0000-0000-000000000000";
        var file = Csv($"{Header}\nversion,{zeros},commune,,1,a,a,xa,,,,,seen,,,,\npredecessor,{id},,,,,,,,2027-01-01,,,,,whole,,\nsuccessor,{id},,,,,,,,,,,,{zeros},whole,,\n");
        Assert.Equal([("line 2, unitId", "required"), ("line 3, otherUnitId", "required"), ("line 4, from", "required"), ("line 4, otherUnitId", "required")], file.Faults.Select(f => (f.Field, f.Rule)));
    }

    [Fact]
    public void A_byte_order_mark_and_either_line_break_are_taken()
    {
        var csv = RegisterCsv.Write(register.Exported());
        Assert.Equal(register.Units.Count, Csv("\uFEFF" + csv).Units.Count);
        Assert.Equal(register.Units.Count, Csv(csv.Replace("\r\n", "\n", StringComparison.Ordinal)).Units.Count);
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("'=1+1")]
    [InlineData("''@a")]
    [InlineData("'a")]
    [InlineData("-a, \"b\"")]
    public void A_text_that_looks_like_a_formula_comes_back_as_it_was(string name)
    {
        var unit = New("99001") with { Versions = [New("99001").Versions[0] with { Name = name }] };
        var csv = RegisterCsv.Write([new(unit.Id, unit.Level, unit.Region, unit.Versions, [], [], [])]);
        Assert.DoesNotContain(",=", csv, StringComparison.Ordinal);
        Assert.True(RegisterImport.Same(unit, Csv(csv).Units[0].State));
    }

    /// <summary>Whatever acts follow one another, the register keeps its law, and its export is itself.</summary>
    [Fact]
    public void Random_acts_keep_the_law_and_their_export_is_the_register() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(12).WithReplay(20261126, 7),
        Prop.ForAll(Arb.From(Gen.ListOf(Gen.Choose(0, int.MaxValue - 1))), numbers =>
        {
            var acts = new Registry();
            var day = new DateOnly(2027, 1, 1);
            foreach (var n in numbers.Take(25))
            {
                day = day.AddDays(n % 40);
                Act(acts, n, day);
            }

            Assert.Empty(acts.Broken());
            var empty = new Registry(empty: true);
            Assert.Empty(empty.Import(Csv(RegisterCsv.Write(acts.Exported())).Units).Faults);
            Assert.All(acts.Units.Values, u => Assert.True(RegisterImport.Same(u, empty.Units[u.Id])));
            Assert.Empty(empty.Import(acts.Units.Values).Streams);
            var late = new Registry();
            Assert.Empty(late.Import(acts.Units.Values).Faults);
            Assert.All(acts.Units.Values, u => Assert.True(RegisterImport.Same(u, late.Units[u.Id])));
        }));

    private static void Act(Registry acts, int n, DateOnly day)
    {
        string[] communes = [.. acts.Tree.Below(null, "commune", day).Select(u => u.Version.Code)];
        string One(int salt) => communes[(n / 7 + salt) % communes.Length];
        var (a, b, on) = (One(0), One(1 + (n % 5)), $"{day:yyyy-MM-dd}");
        Action<Act> plan = (n % 8) switch
        {
            0 => act => CreateUnit.Plan(act, new($"9{n % 10000:0000}", "Mới", null, "xa", "commune", "42", null, null, null)),
            1 => act => CreateUnit.PlanVillage(act, new(null, $"Thôn {n % 100}", null, "thon", null, null)),
            2 => act => RenameUnit.Plan(act, new($"Tên {n % 100}", null, n % 3 == 0 ? $"8{n % 10000:0000}" : null, n % 5 == 0 ? "phuong" : null, null, null)),
            3 => act => ClassifyUnit.Plan(act, new([new("population", new(true, $"{n % 1000}"), day.AddDays(-(n % 100)), n % 2 == 0 ? null : day.AddDays(n % 50), null, null)], null, null)),
            4 => act => MergeUnits.Plan(act, new(new(b, null, null, null, null, null), [new(a, n % 2 == 0 ? "whole" : "một phần", null)], null, null, null)),
            5 => act => MergeUnits.Plan(act, new(new(null, $"7{n % 10000:0000}", "Gộp", null, "xa", null), [new(a, "whole", null), new(b, "một phần", null)], null, null, null)),
            6 => act => SplitUnit.Plan(act, new([new(null, $"6{n % 10000:0000}", "Tách", null, "xa", null, "phần", null), new(b, null, null, null, null, null, "phần", null)], n % 2 == 0, null, null)),
            _ => act => SplitUnit.PlanDissolve(act, new([new(b, "whole", null)], null, null)),
        };
        var (planned, faults) = acts.Plan(plan, (n % 8) is 1 or 2 or 3 or 6 or 7 ? a : null, on);
        if (faults.Count == 0) acts.Record(planned.Events);
    }

    private void Classified() => register.When(act => ClassifyUnit.Plan(act, new([new("communeGroup", new(true, "1"), new(2024, 1, 1), null, null, "QĐ 51, \"2025\"")], null, null)), "18100");

    private void Differs(Func<UnitState, UnitState> change, string field)
    {
        var unit = register.Unit("18100", "2026-01-01");
        var plan = register.Import([change(unit)]);
        Assert.Contains(plan.Faults, f => f.Rule == "history-differs" && f.Field == field);
        Assert.Empty(plan.Streams);
    }

    private UnitState New(string code, string kind = "xa") => new(
        DeterministicId.Of("new", code), "commune", null, [new(code, "Mới", "Xã Mới", kind, register.Unit("42", "2026-01-01").Id, new(2027, 1, 1), null, "NQ 1", "seen")], [], [], []);

    private static string Json(IEnumerable<RegisterUnit> units) => JsonSerializer.Serialize(new RegisterContent(7, [.. units]), NtmJson.Http);

    private static async Task<RegisterFile> JsonAsync(string json)
    {
        var (file, refusal) = await RegisterFile.ReadJsonAsync(new MemoryStream(Encoding.UTF8.GetBytes(json)), TestContext.Current.CancellationToken);
        Assert.True(refusal is null, refusal?.Detail.En);
        return file!;
    }

    private static RegisterFile Csv(string csv)
    {
        var (file, refusal) = RegisterCsv.Read(Encoding.UTF8.GetBytes(csv));
        Assert.True(refusal is null, refusal?.Detail.En);
        return file!;
    }
}
