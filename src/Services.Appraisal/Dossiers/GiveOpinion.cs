using Ntm.Appraisal.Procedures;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>
/// A department gives its opinion on the criteria that it is in charge of, and the ministry records that of a central body (ý kiến của cơ
/// quan trung ương); a later opinion of the same department or body stands instead of the earlier one, and both stay in the stream.
/// </summary>
public static class GiveOpinion
{
    private const int LongestName = 200;

    /// <param name="Department">Code of the department; may be left out by who acts for one only.</param>
    public sealed record Body(string? Department, IReadOnlyList<Findings.Item?>? Findings, IReadOnlyList<string?>? Documents = null);

    /// <param name="Body">The central body, by whatever name: no law that was read lists them.</param>
    public sealed record CentralBody(string? Body, IReadOnlyList<Findings.Item?>? Findings, IReadOnlyList<string?>? Documents = null);

    /// <param name="own">Codes of the departments that the caller acts for.</param>
    public static Decision Decide(Dossier dossier, ProcedureStep step, SetState? set, IReadOnlyList<string> own, Body body, string by, DateTimeOffset now)
    {
        if (dossier.RefuseSelfApproval(step, by) is { } self) return self;
        var department = Prose.Clean(body.Department) ?? (own is [var only] ? only : null);
        if (department is null) return new Faults().Required(department, "department").Refuse()!;
        if (!own.Contains(department))
            return Refusal.Forbidden($"Chỉ cán bộ của \"{department}\" được nêu ý kiến thay mặt cơ quan này.", $"Only officers of \"{department}\" give its opinion.", "other-department");

        var faults = new Faults();
        var findings = faults.Read(dossier, set, body.Findings);
        for (var i = 0; i < findings.Count; i++)
        {
            faults.Unless(
                InCharge(step, set, findings[i], department), $"findings[{i}].criterion",
                $"Bộ tiêu chí giao tiêu chí này cho cơ quan khác, không phải \"{department}\".", $"The set puts others in charge of this criterion, not \"{department}\".");
        }

        var documents = faults.Held(dossier, body.Documents, "documents");
        return faults.Refuse() is { } refusal ? refusal : Decision.Record(new OpinionGiven(new(department, findings, documents), by, now));
    }

    /// <summary>A central body speaks of any criterion: sets name departments of the province only.</summary>
    public static Decision DecideCentral(Dossier dossier, ProcedureStep step, SetState? set, CentralBody body, string by, DateTimeOffset now)
    {
        if (dossier.RefuseSelfApproval(step, by) is { } self) return self;
        var name = Prose.Clean(body.Body);
        var faults = new Faults().Readable(name, "body", longest: LongestName, lines: false);
        var findings = faults.Read(dossier, set, body.Findings);
        var documents = faults.Held(dossier, body.Documents, "documents");
        return faults.Refuse() is { } refusal ? refusal : Decision.Record(new OpinionGiven(new(name!, findings, documents), by, now, step.Id));
    }

    /// <summary>Where the set names nobody for the criterion, or the file does not know the department's names, any department may speak.</summary>
    private static bool InCharge(ProcedureStep step, SetState? set, Finding finding, string department)
    {
        string[] named =
        [
            .. (set?.Indicators ?? []).Where(i => finding.Indicator is { } code ? i.Code == code : i.Criterion == finding.Criterion).Select(i => i.DepartmentVi).OfType<string>(),
        ];
        return named.Length == 0
            || step.Departments?.FirstOrDefault(d => d.Code == department) is not { } known
            || Array.Exists(named, text => known.NamesVi.Any(name => text.Contains(name, StringComparison.OrdinalIgnoreCase)));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) => steps.TakeAsync(http, id, StepIds.Opinions, async (a, ct) =>
    {
        var (tree, today) = (a.Tree, a.Command.Today);
        string[] own =
        [
            .. a.Command.Actor.Grants.Where(g => g is { Role: Roles.DepartmentOfficer, Department: not null } && tree.UnitOf(g, today) is { } unit && tree.AnswersFor(unit, a.Dossier.Province, today))
                .Select(g => g.Department!).Distinct(StringComparer.Ordinal),
        ];
        return Decide(a.Dossier, a.Step, await a.Dossier.SetOfAsync(a.Command.Session, ct), own, body, a.By, a.Now);
    });

    internal static Task<IResult> HandleCentral(Guid id, CentralBody body, HttpContext http, StepRunner steps) => steps.TakeAsync(
        http, id, StepIds.CentralOpinions, async (a, ct) => DecideCentral(a.Dossier, a.Step, await a.Dossier.SetOfAsync(a.Command.Session, ct), body, a.By, a.Now));
}
