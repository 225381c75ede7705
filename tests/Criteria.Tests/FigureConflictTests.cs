using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ntm.Contracts;
using Ntm.Criteria.Reports;

namespace Ntm.Criteria.Tests;

/// <summary>Three officers of one commune enter one figure, each from the version that he saw last.</summary>
public sealed class FigureConflictTests
{
    private sealed record Entry(int Person, int Value, int Behind);

    [Property(MaxTest = 300)]
    public Property Nobody_overwrites_unseen_what_somebody_else_entered_and_who_has_seen_it_decides() => Prop.ForAll(Entries.ToArbitrary(), entries =>
    {
        var scene = Scene.ThreeTiers.Recorded("8.4");
        foreach (var entry in entries)
        {
            var client = $"commune-officer@18073#p{entry.Person}";
            var (version, standing) = (scene.Report!.Version, scene.Report.Figures.GetValueOrDefault("3.1"));
            var seen = Math.Max(0, version - entry.Behind);
            var decision = Record(entry.Value, seen, standing is null ? null : "Theo biên bản")(scene.As(client));
            var unseen = standing is not null && standing.Version > seen && standing.RecordedBy != $"p{entry.Person}" && standing.Value != ReportedValue.Of((decimal)entry.Value);
            if (unseen != (decision.Refusal?.Rule == FigureConflict.Rule)) return false;
            if (unseen && decision.Events.Count > 0) return false;
            // Whoever has looked at the other's figure is not asked again.
            scene = scene.When(client, Record(entry.Value, unseen ? standing!.Version!.Value : seen, "Theo biên bản"));
            if (scene.Report!.Figures["3.1"].Version != scene.Report.Version) return false;
        }

        return true;
    });

    private static Gen<Entry[]> Entries =>
        (from person in Gen.Choose(1, 3) from value in Gen.Choose(1, 3) from behind in Gen.Choose(0, 4) select new Entry(person, value, behind)).ArrayOf();

    private static Func<ReportCase, ServiceDefaults.Decision> Record(int value, long basedOn, string? reason) =>
        c => RecordIndicator.Decide(c, "3.1", new(ReportedValue.Of((decimal)value), c.Today, null, null, c.Report!.Figures.ContainsKey("3.1") ? reason : null, basedOn));
}
