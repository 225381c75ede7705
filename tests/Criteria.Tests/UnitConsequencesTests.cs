using Ntm.Criteria.Consequences;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

public sealed class UnitConsequencesTests
{
    private static readonly Guid Commune = Given.Unit(Given.Commune, Given.EndOf2025).Id;
    private static readonly Guid Other = Given.Unit("18100", Given.EndOf2025).Id;
    private static readonly DateOnly Day = new(2026, 1, 10);

    [Fact]
    public void A_unit_without_a_report_has_a_deadline()
    {
        var found = Of([Given.Quarter2025], []);
        var deadline = Assert.Single(found.Deadlines);
        Assert.Equal((Commune, Given.Commune, "2025-Q4", Given.Quarter2025.DueUnits), (deadline.UnitId, deadline.Unit, deadline.Period, deadline.Due));
        Assert.Empty(found.Reports);
    }

    [Fact]
    public void A_report_under_way_is_open_and_due_until_it_is_handed_in()
    {
        var found = Of([Given.Quarter2025], [Scene.TwoTiers.Recorded("5").Report!]);
        Assert.Equal(("2025-Q4", "open"), (Assert.Single(found.Reports).Period, found.Reports[0].Status));
        Assert.Single(found.Deadlines);

        found = Of([Given.Quarter2025], [Scene.TwoTiers.Submitted().Report!]);
        Assert.Equal("submitted", Assert.Single(found.Reports).Status);
        Assert.Empty(found.Deadlines);

        found = Of([Given.Quarter2025], [Scene.TwoTiers.Approved().Report!]);
        Assert.Empty(found.Reports);
        Assert.Empty(found.Deadlines);
    }

    [Fact]
    public void A_closed_period_and_one_in_which_the_unit_does_not_report_ask_nothing()
    {
        var found = Of([Given.Quarter2025 with { Closed = true }, Given.Quarter2024], [Scene.TwoTiers.Recorded("5").Report!]);
        Assert.Empty(found.Reports);
        Assert.Empty(found.Deadlines);
    }

    [Fact]
    public void A_back_dated_merger_tells_the_reports_that_nobody_reaches_and_the_deadlines_of_whom_it_makes()
    {
        var register = new Units.Registry();
        var before = register.Tree;
        register.When(act => Criteria.Units.Administration.MergeUnits.Plan(act, new(new(null, "99001", "Mới", null, "xa", null), [new(Given.Commune, "whole", null)], null, null, null)), on: "2025-12-01");
        var made = register.Unit("99001", "2025-12-01").Id;
        var found = UnitConsequences.Of(before, register.Tree, [made, Commune], Day, [Given.Quarter2025], [Scene.TwoTiers.Approved().Report!], [], []);
        Assert.Equal((Commune, Given.Commune, "approved"), (Assert.Single(found.Unreachable).UnitId, found.Unreachable[0].Unit, found.Unreachable[0].Status));
        Assert.Equal((made, "99001"), (Assert.Single(found.Deadlines).UnitId, found.Deadlines[0].Unit));
        Assert.Single(UnitConsequences.Of(before, register.Tree, [Commune], Day, [Given.Quarter2025 with { Closed = true }], [Scene.TwoTiers.Approved().Report!], [], []).Unreachable);
        Assert.Empty(UnitConsequences.Of(before, before, [Commune], Day, [Given.Quarter2025], [Scene.TwoTiers.Approved().Report!], [], []).Unreachable);
    }

    [Fact]
    public void Dossiers_until_they_ended_and_titles_in_force_on_the_day()
    {
        var (open, ended, elsewhere) = (new KnownDossier(Guid.CreateVersion7(), Commune, "commune-ntm", "voting", false), new KnownDossier(Guid.CreateVersion7(), Commune, "commune-ntm", "refused", true), new KnownDossier(Guid.CreateVersion7(), Other, "commune-ntm", "voting", false));
        var (held, revoked, later) = (Title(Commune, new(2025, 12, 1), null), Title(Commune, new(2024, 1, 1), Day.AddDays(-1)), Title(Commune, Day.AddDays(1), null));
        var found = UnitConsequences.Of(Given.Tree, Given.Tree, [Commune], Day, [], [], [open, ended, elsewhere], [held, revoked, later, Title(Other, new(2025, 12, 1), null)]);
        Assert.Equal([open], found.Dossiers);
        Assert.Equal([held], found.Titles);
    }

    [Fact]
    public void What_Appraisal_announced_last_is_what_is_known()
    {
        var (moved, changed) = (Sample<Contracts.Appraisal.DossierMoved>("dossier-moved"), Sample<Contracts.Appraisal.RecognitionChanged>("recognition-changed"));
        Assert.NotEmpty(moved.Dossier.NextSteps);
        Assert.False(KnownDossier.Of(moved.Dossier).Ended);
        Assert.True(KnownDossier.Of(moved.Dossier with { NextSteps = [] }).Ended);
        Assert.Equal(changed.Recognition.Unit.Id, KnownTitle.Of(changed.Recognition).UnitId);
    }

    private static UnitConsequences Of(IReadOnlyCollection<Period> periods, IReadOnlyCollection<Report> reports) =>
        UnitConsequences.Of(Given.Tree, Given.Tree, [Commune], Day, periods, reports, [], []);

    private static KnownTitle Title(Guid unit, DateOnly from, DateOnly? to) => new(Guid.CreateVersion7(), unit, "commune-ntm", "12/QĐ-UBND", from, to, to is null ? "in-force" : "revoked");

    private static T Sample<T>(string name) => System.Text.Json.JsonSerializer.Deserialize<T>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Events", $"learned.appraisal.{name}.v1.json")), NtmJson.Stored)!;
}
