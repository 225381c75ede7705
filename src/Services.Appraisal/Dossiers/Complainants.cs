using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>
/// Who complained (người khiếu nại) is told to those who record and answer complaints and to the auditor. Whoever else reads the dossier
/// reads the complaint and its answer, not whose it is. House rule: the law on personal data, no act on recognitions, asks for it.
/// </summary>
public static class Complainants
{
    public static bool MaySeeComplainants(this Dossier dossier, Procedure procedure, UnitTree tree, Actor actor, DateOnly today) =>
        actor.Has(Roles.Auditor) || (procedure.Step(StepIds.Complaint) is { } step && dossier.MayTake(step, tree, actor, today));

    /// <summary>The dossier as the caller may see it.</summary>
    public static Dossier SeenBy(this Dossier dossier, Procedure procedure, UnitTree tree, Actor actor, DateOnly today) =>
        dossier.MaySeeComplainants(procedure, tree, actor, today) ? dossier : dossier.WithoutComplainants();

    public static Dossier WithoutComplainants(this Dossier dossier) => dossier.Remarks.Exists(IsNamed)
        ? dossier with { Remarks = [.. dossier.Remarks.Select(r => IsNamed(r) ? r with { Of = null } : r)] }
        : dossier;

    /// <summary>What is recorded, without whose complaint it is.</summary>
    public static object WithoutComplainant(object e) => e is RemarkReceived { Step: StepIds.Complaint } received ? received with { Of = null } : e;

    private static bool IsNamed(Remark remark) => remark is { Step: StepIds.Complaint, Of: not null };
}
