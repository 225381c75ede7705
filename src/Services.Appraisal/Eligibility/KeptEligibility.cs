using System.Text.Json.Serialization;
using JasperFx.Events;
using Marten.Events.Aggregation;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Eligibility;

/// <summary>A condition when it was found how it stands.</summary>
/// <param name="Version">Version of the confirmation; null of the criteria and of what nobody confirmed.</param>
public sealed record ConditionFinding(string Id, string Status, bool Required, string Mark, string? RuleMark, string? TextMark, long? Version);

/// <summary>All of an answer to "may this unit be proposed?", at the moment when the answer became another.</summary>
/// <param name="Day">Day that it was judged for.</param>
/// <param name="Superiors">The district of that day, where there is one, and the province.</param>
/// <param name="AssessmentPosition">Position in Criteria's store that the figures stand for.</param>
/// <param name="Ended">First day without the unit, where that is why; null else.</param>
/// <param name="ProcedureEnded">First day without a procedure for the title, where that is why; null else.</param>
public sealed record EligibilityFinding(
    DateOnly Day, string Procedure, string ProcedureVersion, IReadOnlyList<UnitRef> Superiors, string Set, int? SetVersion, long? ReportVersion,
    long? AssessmentPosition, IReadOnlyList<ConditionFinding> Conditions, IReadOnlyList<MissingIndicator> Missing,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateOnly? Ended = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateOnly? ProcedureEnded = null)
{
    public static EligibilityFinding Of(Target target, EligibilityFacts facts, EligibilityResult result)
    {
        var (procedure, based) = (target.Procedure, BasedOn.Of(target.Procedure, facts));
        return new(
            target.Day, procedure.Id, procedure.Version, SuperiorsOf(target), based.Set, based.SetVersion, based.ReportVersion, based.AssessmentPosition,
            [.. result.Conditions.Select(c => new ConditionFinding(c.Condition.Id, c.Status, c.Condition.Required, c.Condition.Mark, c.RuleMark, c.TextMark, c.Confirmed?.Revision))],
            result.Missing);
    }

    private static List<UnitRef> SuperiorsOf(Target target) =>
        [.. target.Tree.Chain(target.Unit.Id, target.Day).Skip(1).Where(u => u.Level is "district" or "province").Select(u => target.Tree.Ref(u.Id, target.Day)).OfType<UnitRef>()];
}

/// <summary>The last of the required conditions was found to be met (QĐ 18/2022/QĐ-TTg, art. 4).</summary>
public sealed record UnitBecameEligible(UnitRef Unit, string Title, EligibilityFinding Finding, DateTimeOffset At);

/// <summary>A condition that had been met was found not to be any more, or the unit or the title's procedure has ended.</summary>
public sealed record UnitCeasedToBeEligible(UnitRef Unit, string Title, EligibilityFinding Finding, DateTimeOffset At);

/// <summary>What was found last of a unit and a title, and told. Who was never eligible has none.</summary>
public sealed record KeptEligibility(string Id, Guid UnitId, string Title, bool Eligible, DateTimeOffset Since)
{
    public static string Key(Guid unit, string title) => $"eligibility/{unit}/{title}";

    /// <summary>What is to be recorded where the facts now say something else than was told last; null where they do not.</summary>
    /// <param name="ended">First day without the unit: it is eligible for nothing any more; null while it exists.</param>
    /// <param name="procedureEnded">First day without a procedure for the title: nobody is eligible by it any more; null while there is one.</param>
    public static object? Change(KeptEligibility? told, Target target, EligibilityFacts facts, DateTimeOffset now, DateOnly? ended = null, DateOnly? procedureEnded = null)
    {
        var result = EligibilityResult.Judge(target.Procedure, facts);
        var eligible = result.Eligible && ended is null && procedureEnded is null;
        if (eligible == (told?.Eligible ?? false)) return null;
        var finding = EligibilityFinding.Of(target, facts, result) with { Ended = ended, ProcedureEnded = procedureEnded };
        return eligible
            ? new UnitBecameEligible(target.Unit, target.Procedure.Title, finding, now)
            : new UnitCeasedToBeEligible(target.Unit, target.Procedure.Title, finding, now);
    }
}

/// <summary>Keeps what was told last.</summary>
public sealed partial class KeptEligibilityProjection : SingleStreamProjection<KeptEligibility, string>
{
    public static KeptEligibility Create(UnitBecameEligible e) => new(KeptEligibility.Key(e.Unit.Id, e.Title), e.Unit.Id, e.Title, true, e.At);

    public KeptEligibility Apply(UnitBecameEligible e, KeptEligibility kept) => kept with { Eligible = true, Since = e.At };

    public KeptEligibility Apply(UnitCeasedToBeEligible e, KeptEligibility kept) => kept with { Eligible = false, Since = e.At };
}
