using JasperFx.Events;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Eligibility;

/// <summary>What was found anew is announced, with all that it was found by.</summary>
internal static class EligibilityAnnouncements
{
    public static IntegrationMap AnnounceEligibility(this IntegrationMap map) => map
        .On<UnitBecameEligible>((e, _, _) => Task.FromResult<IReadOnlyList<IIntegrationEvent>>([new UnitEligible(map.OriginOf(e), StateOf(e.Data.Unit, e.Data.Title, true, e.Data.Finding))]), typeof(UnitEligible))
        .On<UnitCeasedToBeEligible>((e, _, _) => Task.FromResult<IReadOnlyList<IIntegrationEvent>>([new UnitNoLongerEligible(map.OriginOf(e), StateOf(e.Data.Unit, e.Data.Title, false, e.Data.Finding))]), typeof(UnitNoLongerEligible));

    private static EligibilityState StateOf(UnitRef unit, string title, bool eligible, EligibilityFinding f) => new(
        unit, title, eligible, f.Day, f.Procedure, f.ProcedureVersion, f.Set, f.SetVersion, f.ReportVersion,
        [.. f.Conditions.Select(c => new EligibilityCondition(c.Id, c.Status, c.Required, c.Mark, c.RuleMark, c.TextMark))],
        [.. f.Missing.Select(m => new EligibilityGap(m.Indicator, m.Reason, m.Rule, m.Mark, m.TextMark))], f.Superiors, f.Ended, f.ProcedureEnded);
}
