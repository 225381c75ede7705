using System.Text.Json;
using System.Text.Json.Nodes;
using JasperFx.Events;
using Marten;
using Ntm.Criteria.Boundaries;
using Ntm.Criteria.Calendars;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Consequences;
using Ntm.Criteria.Difficulties;
using Ntm.Criteria.Evidence;
using Ntm.Criteria.Lineage;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

public sealed class StoredEventTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Events");

    [Fact]
    public void Names_are_the_storage_format_and_stay() => Assert.Equal(
        [
            "boundaries-recorded.v1", "calendar-days-recorded.v1", "carrying-rule-set.v1", "criteria-set-published.v1", "data-imported.v1",
            "difficulty-answered.v1", "difficulty-passed-on.v1", "difficulty-raised.v1", "difficulty-withdrawn.v1", "evidence-removed.v1",
            "evidence-shared.v1", "evidence-stored.v1", "indicator-corrected.v1",
            "indicator-judged.v1", "indicator-recorded.v1", "learned:appraisal.dossier-moved.v1", "learned:appraisal.recognition-changed.v1",
            "period-closed.v1", "period-due-moved.v1", "period-due-neared.v1", "period-due-passed.v1", "period-opened.v1", "report-approved.v1",
            "report-opened.v1", "report-reopened.v1", "report-returned.v1", "report-submitted.v1", "report-verified.v1", "set-adapted.v1",
            "set-amended.v1", "set-draft-changed.v1", "set-drafted.v1", "set-retired.v1", "shares-recorded.v1", "unit-boundary-recorded.v1",
            "unit-classified.v1", "unit-created.v1", "unit-dissolved.v1", "unit-enlarged.v1", "unit-merged.v1", "unit-moved.v1",
            "unit-reclassified.v1", "unit-reduced.v1", "unit-renamed.v1", "unit-split.v1",
        ],
        Mapped().Keys);

    [Fact]
    public void Every_stored_event_has_a_sample_that_reads_back_whole()
    {
        var mapped = Mapped();
        Assert.Equal(mapped.Keys.Select(FileOf), Directory.GetFiles(Folder).Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal));
        foreach (var (name, type) in mapped)
        {
            var sample = File.ReadAllText(Path.Combine(Folder, $"{FileOf(name)}.json"));
            var read = JsonSerializer.Deserialize(sample, type, NtmJson.Stored);
            var again = JsonSerializer.SerializeToNode(read, type, NtmJson.Stored);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(sample), again), $"{name} lost something: {again?.ToJsonString()}");
        }
    }

    [Fact]
    public void What_the_data_files_say_and_what_was_added_later_reads_back_whole()
    {
        object[] events =
        [
            .. Given.UnitStreams.Values.SelectMany(s => s), .. Given.Published,
            new ReportOpened("2024-Q4", Guid.Empty, "x", Given.EndOf2024, "an", Given.Imported, 2), new ReportApproved(3, "phuong", Given.Imported, 2),
            new ReportReopened(null, "phuong", Given.Imported, 3), new PeriodClosed("phuong", Given.Imported, [Guid.Empty]),
            new PeriodOpened(
                "2026-Q4", "quarter", "x", new(2026, 12, 14), null, new(2026, 12, 14), null, Guid.Empty, "42", "commune", "phuong", Given.Imported, "unit-quarter",
                new(new(new(2026, 12, 14), new(2026, 12, 14), new(2026, 12, 15), "before", "none", 3), null), [Guid.Empty], new(["phuong"], "QĐ 318/QĐ-TTg"), "NĐ 09/2019/NĐ-CP"),
            new IndicatorRecorded("3.1", Contracts.ReportedValue.Of(1m), Given.EndOf2024, null, [], "an", Given.Imported, Given.EndOf2024), new SetAmended(2, Given.Set, Given.Set.LegalBasis[0], "bo", Given.Imported, new("x", 2), true),
        ];
        Assert.All(events, e =>
        {
            var written = JsonSerializer.SerializeToNode(e, e.GetType(), NtmJson.Stored);
            Assert.True(JsonNode.DeepEquals(written, JsonSerializer.SerializeToNode(written.Deserialize(e.GetType(), NtmJson.Stored), e.GetType(), NtmJson.Stored)), $"{written}");
        });
    }

    private static string FileOf(string name) => name.Replace(':', '.');

    private static SortedDictionary<string, Type> Mapped()
    {
        using IDocumentStore store = DocumentStore.For(options =>
        {
            options.Connection("Host=127.0.0.1");
            options.Events.StreamIdentity = StreamIdentity.AsString;
            options.AddUnits().AddCatalogue().AddCalendar().AddPeriods().AddReports().AddDifficulties().AddEvidence().AddConsequences().AddLineage().AddBoundaries();
        });
        // Marten's own markers are not ours to keep.
        return new(
            store.Options.Events.AllKnownEventTypes().Where(t => t.EventType.Namespace!.StartsWith("Ntm.", StringComparison.Ordinal))
                .ToDictionary(t => t.EventTypeName, t => t.EventType, StringComparer.Ordinal),
            StringComparer.Ordinal);
    }
}
