using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

/// <summary>One report on its way: who does what, one decision after the other.</summary>
internal sealed record Scene(Period Period, string Code, DateTimeOffset Now, Report? Report = null)
{
    /// <summary>December 2024: commune, district, province.</summary>
    public static readonly Scene ThreeTiers = new(Given.Quarter2024, Given.Commune, Given.Morning(2024, 12, 20));

    /// <summary>December 2025: commune, province.</summary>
    public static readonly Scene TwoTiers = new(Given.Quarter2025, Given.Commune, Given.Morning(2025, 12, 20));

    public CriteriaSet Set { get; init; } = Given.Set;

    public ReportChain Chain => ReportChain.Of(Given.Tree, Period, Code)!;

    public DateOnly Today => VietnamTime.DayOf(Now);

    public Scene Recorded(params string[] indicators) => indicators.Aggregate(this, (scene, code) => scene.When(Given.CommuneOfficer, Record(code)));

    public Scene Complete() => Recorded([.. Set.InOrder().Select(x => x.Indicator.Code)]);

    public Scene Submitted() => Complete().Handed();

    public Scene Handed() => When(Given.CommuneOfficer, c => SubmitReport.Decide(c, new("Thiếu số liệu")));

    public Scene Verified() => Submitted().When(Given.DistrictOfficer, CheckReport.DecideVerify);

    public Scene Approved() => (Chain.District is null ? Submitted() : Verified()).When(Given.ProvinceOfficer, CheckReport.DecideApprove);

    public Scene Reopened() => Approved().When(Given.ProvinceOfficer, c => CheckReport.DecideReopen(c, new("Đính chính")));

    public Scene Returned(string client, params string[] indicators) => When(client, Return(indicators));

    /// <summary>The case as this client's command meets it.</summary>
    public ReportCase As(string client) => new(Report, Period, Set, Chain, Given.Tree, Given.Actor(client), Now);

    public Scene When(string client, Func<ReportCase, Decision> decide)
    {
        var decision = decide(As(client));
        Assert.Null(decision.Refusal);
        var key = Report.Key(Period.Code, Chain.Unit.Id);
        return this with { Report = decision.Events.Aggregate(Report, (r, e) => Report.Fold(r, key, e)) };
    }

    public void Refuses(string client, Func<ReportCase, Decision> decide, int status, string rule)
    {
        var refusal = decide(As(client)).Refusal;
        Assert.Equal((status, rule), (refusal?.Status, refusal?.Rule));
    }

    /// <summary>The input is refused for these fields alone.</summary>
    public void Faults(string client, Func<ReportCase, Decision> decide, params string[] fields)
    {
        var refusal = decide(As(client)).Refusal;
        Assert.Equal((422, "invalid-input"), (refusal?.Status, refusal?.Rule));
        Assert.Equal(fields, refusal!.Errors!.Keys);
    }

    public static Func<ReportCase, Decision> Record(string indicator, ReportedValue? value = null, DateOnly? validOn = null) => c =>
        RecordIndicator.Decide(c, indicator, new(value ?? Given.ValueOf(indicator), validOn ?? c.Today, null, null));

    public static Func<ReportCase, Decision> Return(params string[] indicators) => c =>
        CheckReport.DecideReturn(c, new([.. indicators.Select(i => new CheckReport.Item(i, "Chưa có minh chứng"))]));

    public static Func<ReportCase, Decision> Judge(string indicator, bool met = true) => c => CheckReport.DecideJudge(c, indicator, new(met, "Biên bản 12/BB"));

    public static Func<ReportCase, Decision> Submit(string? because = null) => c => SubmitReport.Decide(c, new(because));

    public static Func<ReportCase, Decision> Reopen { get; } = c => CheckReport.DecideReopen(c, new("Đính chính"));
}
