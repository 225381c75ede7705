using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Tests.Units;
using Ntm.Criteria.Units;
using Ntm.Criteria.Units.Administration;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

/// <summary>What the data file says is appended to what the store holds, once, and never over what people recorded.</summary>
public sealed class MissingEventsTests
{
    private const string Importer = "system:import";
    private static readonly Guid Id = Guid.CreateVersion7();
    private static readonly DateOnly Day = new(2026, 5, 1);
    private static readonly UnitCreated Created = new(Id, "commune", null, "18073", "Thành Sen", "Phường Thành Sen", "phuong", null, new(2025, 7, 1), [], null, "seen", Importer, Given.Imported);

    [Fact]
    public void What_the_first_release_stored_is_still_the_beginning_of_each_stream()
    {
        // The streams that lie in the stores of the first installations, written down when there were no facts yet.
        var text = JsonSerializer.Serialize(FirstRelease().OrderBy(s => s.Key).SelectMany(s => s.Value.Select(e => new { Unit = s.Key, e.GetType().Name, Event = e })), NtmJson.Stored);
        Assert.Equal("F0E6A806BC9DD9D3AECA208E5C7C885A94F05B3F1E1B0217672DF6DBEF4EAD68", Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
    }

    [Fact]
    public void A_second_start_adds_nothing() => Assert.All(Given.UnitStreams.Values, stream => Assert.Empty(MissingEvents.Of(stream, stream, Importer)));

    [Fact]
    public void A_store_of_the_first_release_learns_the_facts_and_nothing_else()
    {
        foreach (var (unit, old) in FirstRelease())
        {
            var missing = MissingEvents.Of(old, Given.UnitStreams[unit], Importer);
            Assert.All(missing, e => Assert.IsType<UnitClassified>(e));
            Assert.Equal(Given.UnitStreams[unit].Count - old.Count, missing.Count);
            Assert.Equal(Written(Fold(Given.UnitStreams[unit])), Written(Fold([.. old, .. missing])));
        }
    }

    [Fact]
    public void A_store_that_was_cut_short_anywhere_ends_up_the_same() => Assert.All(Given.UnitStreams.Values, stream =>
    {
        for (var known = 0; known <= stream.Count; known++)
            Assert.Equal(Written(Fold(stream)), Written(Fold([.. stream.Take(known), .. MissingEvents.Of([.. stream.Take(known)], stream, Importer)])));
    });

    [Fact]
    public void A_corrected_figure_is_recorded_once()
    {
        object[] stored = [Created, Classified(Importer, Population("90983", null, null))];
        object[] wanted = [Created, Classified(Importer, Population("91000", null, null))];
        var missing = Assert.IsType<UnitClassified>(Assert.Single(MissingEvents.Of(stored, wanted, Importer)));
        Assert.Equal([Population("91000", null, null)], missing.Facts);
        Assert.Empty(MissingEvents.Of([.. stored, missing], wanted, Importer));
    }

    [Fact]
    public void What_somebody_else_recorded_is_left_alone()
    {
        object[] stored = [Created, Classified(Importer, Population("90983", null, null)), Classified("phuong", Population("91500", null, null))];
        Assert.Empty(MissingEvents.Of(stored, [Created, Classified(Importer, Population("90983", null, null))], Importer));
        Assert.Empty(MissingEvents.Of(stored, [Created, Classified(Importer, Population("91000", null, null))], Importer));
        // Said first by a person, the file has nothing to say.
        Assert.Empty(MissingEvents.Of([Created, stored[2]], [Created, Classified(Importer, Population("91000", null, null))], Importer));
    }

    [Fact]
    public void On_the_days_of_which_nobody_else_spoke_a_correction_counts()
    {
        object[] stored = [Created, Classified(Importer, Population("90983", null, null)), Classified("phuong", Population("91500", Day, null))];
        object[] wanted = [Created, Classified(Importer, Population("91000", null, null))];
        var missing = Assert.IsType<UnitClassified>(Assert.Single(MissingEvents.Of(stored, wanted, Importer)));
        Assert.Equal([Population("91000", null, Day.AddDays(-1))], missing.Facts);
        object[] after = [.. stored, missing];
        Assert.Equal([Population("91000", null, Day.AddDays(-1)), Population("91500", Day, null)], Fold(after).Facts);
        Assert.Empty(MissingEvents.Of(after, wanted, Importer));
    }

    [Fact]
    public void A_name_that_a_person_gave_on_the_same_day_or_later_stays()
    {
        object[] wanted = [Created, Renamed("Thành Sen A", Day, Importer)];
        Assert.Single(MissingEvents.Of([Created], wanted, Importer));
        Assert.Empty(MissingEvents.Of([Created, Renamed("Thành Sen A", Day, "phuong")], wanted, Importer));
        Assert.Empty(MissingEvents.Of([Created, Renamed("Thành Sen B", Day, "phuong")], wanted, Importer));
        Assert.Empty(MissingEvents.Of([Created, Renamed("Thành Sen B", Day.AddDays(1), "phuong")], wanted, Importer));
        Assert.Single(MissingEvents.Of([Created, Renamed("Thành Sen B", Day.AddDays(-1), "phuong")], wanted, Importer));
        Assert.Single(MissingEvents.Of([Created, Renamed("Thành Sen B", Day, Importer)], wanted, Importer));
    }

    [Fact]
    public void A_unit_that_a_person_ended_stays_ended()
    {
        var heir = new UnitLink(Guid.CreateVersion7(), Day, "whole");
        object[] stored = [Created, new UnitDissolved([heir], Day.AddDays(-1), "NQ", "seen", "phuong", Given.Imported)];
        Assert.Empty(MissingEvents.Of(stored, [Created, Renamed("Thành Sen A", Day, Importer), new UnitMerged([heir], Day.AddDays(30), "NQ", "seen", Importer, Given.Imported)], Importer));
    }

    [Fact]
    public void An_end_before_the_last_version_is_told_as_such_and_not_appended()
    {
        object[] stored = [Created, Renamed("Thành Sen A", Day, "phuong")];
        object[] wanted = [Created, new UnitMerged([new(Guid.CreateVersion7(), Day.AddDays(-30), "whole")], Day.AddDays(-31), "NQ", "seen", Importer, Given.Imported)];
        Assert.Empty(MissingEvents.Of(stored, wanted, Importer));
        Assert.Equal([("versions[1].to", "before-last-change")], MissingEvents.NotTold(stored, wanted, Importer));
        Assert.Single(MissingEvents.Of([Created], wanted, Importer));
    }

    [Fact]
    public void Days_that_a_fact_claims_no_more_are_said_to_be_unknown_once()
    {
        object[] stored = [Created, Classified(Importer, Population("90983", null, null)), Classified("phuong", Population("91500", Day.AddDays(-10), Day.AddDays(-6)))];
        object[] wanted = [Created, Classified(Importer, Population("90983", Day, null))];
        var missing = Assert.IsType<UnitClassified>(Assert.Single(MissingEvents.Of(stored, wanted, Importer)));
        Assert.Equal([(null, null, Day.AddDays(-11), "unknown"), (null, Day.AddDays(-5), Day.AddDays(-1), "unknown")], missing.Facts.Select(f => ((string?)f.Value, f.From, f.To!.Value, f.Mark)));
        Assert.Empty(MissingEvents.Of([.. stored, missing], wanted, Importer));
        Assert.Equal("90983", Assert.IsType<UnitClassified>(Assert.Single(MissingEvents.Of([.. stored, missing], [Created, Classified(Importer, Population("90983", null, null))], Importer))).Facts[0].Value);
    }

    [Fact]
    public void A_corrected_first_row_is_recorded_where_an_event_can_say_it_and_told_where_none_can()
    {
        var corrected = Created with { Name = "Thành Sén", FullName = "Phường Thành Sén", LegalBasis = "NQ 2", Mark = "recalled" };
        var missing = Assert.IsType<UnitRenamed>(Assert.Single(MissingEvents.Of([Created], [corrected], Importer)));
        Assert.Equal(Written(Fold([corrected])), Written(Fold([Created, missing])));
        Assert.Empty(MissingEvents.Of([Created, missing], [corrected], Importer));
        Assert.Empty(MissingEvents.NotTold([Created], [corrected], Importer));

        object[] renamed = [Created, Renamed("Thành Sen A", Day, "phuong")];
        Assert.Empty(MissingEvents.Of(renamed, [corrected], Importer));
        Assert.Equal(["name", "fullName", "legalBasis", "mark"], MissingEvents.NotTold(renamed, [corrected], Importer).Select(n => n.Field.Split('.')[1]));
        Assert.Equal([("versions[0].kind", "not-tellable")], MissingEvents.NotTold([Created], [Created with { Kind = "xa" }], Importer));
        Assert.All(Given.UnitStreams.Values, stream => Assert.Empty(MissingEvents.NotTold(stream, stream, Importer)));
    }

    [Fact]
    public void What_would_break_the_law_is_left_out_with_all_that_hangs_on_it()
    {
        var register = new Registry().When(act => CreateUnit.Plan(act, new("99001", "Của tỉnh", null, "xa", "commune", "42", null, null, null)));
        DateOnly on = new(2027, 1, 1);
        var (gone, other, province) = (register.Unit("18073", "2026-01-01").Id, register.Unit("18100", "2026-01-01").Id, register.Unit("42", "2026-01-01").Id);
        var renamed = new UnitRenamed("18100", "Khác", "Xã Khác", on, "NQ", "seen", Importer, Given.Imported);
        var fact = Classified(Importer, Population("1", on, null));
        var (lawful, faults) = DataImport.Lawful(register.Units, new Dictionary<Guid, IReadOnlyList<object>>
        {
            [Id] = [new UnitCreated(Id, "commune", null, "99001", "Của tệp", "Xã Của tệp", "xa", province, on, [new(gone, on, "whole")], "NQ", "seen", Importer, Given.Imported)],
            [gone] = [fact, new UnitMerged([new(Id, on, "whole")], on.AddDays(-1), "NQ", "seen", Importer, Given.Imported)],
            [other] = [renamed],
        });
        Assert.Contains(faults, f => f.Unit == Id && f.Rule == "code-in-force-twice");
        Assert.Equal(new[] { gone, other }.Order(), lawful.Keys.Order());
        Assert.Equal([fact], lawful[gone]);
        Assert.Equal([renamed], lawful[other]);
        Assert.Equal(Given.UnitStreams.Count, DataImport.Lawful(new Dictionary<Guid, UnitState>(), Given.UnitStreams.ToDictionary(s => s.Key, s => (IReadOnlyList<object>)s.Value)).Lawful.Count);
    }

    [Fact]
    public void Only_the_links_that_are_missing_are_added()
    {
        UnitLink one = new(Guid.CreateVersion7(), Day, "whole"), two = new(Guid.CreateVersion7(), Day, "whole");
        object[] stored = [Created, new UnitEnlarged([one], Day, "NQ", "seen", "phuong", Given.Imported)];
        var missing = Assert.IsType<UnitEnlarged>(Assert.Single(MissingEvents.Of(stored, [Created, new UnitEnlarged([one with { Part = "tổ dân phố 6" }, two], Day, "NQ", "seen", Importer, Given.Imported)], Importer)));
        Assert.Equal([two], missing.Predecessors);
    }

    private static Dictionary<Guid, List<object>> FirstRelease() => Given.UnitStreams.ToDictionary(s => s.Key, s => s.Value.Where(e => e is not UnitClassified).ToList());

    private static UnitState Fold(IEnumerable<object> events) => events.Aggregate((UnitState?)null, UnitHistory.Fold)!;

    private static string Written(UnitState state) => JsonSerializer.Serialize(state, NtmJson.Stored);

    private static UnitClassified Classified(string by, params UnitFact[] facts) => new(facts, null, by, Given.Imported);

    private static UnitFact Population(string value, DateOnly? from, DateOnly? to) => new(UnitFacts.Population, value, from, to, null, "seen");

    private static UnitRenamed Renamed(string name, DateOnly from, string by) => new("18073", name, $"Phường {name}", from, "NQ", "seen", by, Given.Imported);
}
