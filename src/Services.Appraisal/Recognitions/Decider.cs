using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Recognitions;

/// <summary>
/// Who decides on a title, and on what was decided (QĐ 18/2022/QĐ-TTg, art. 3; article recalled, practice seen): whoever takes the step
/// <c>decision</c> of its procedure on the day on which it is recorded. Of a title without a procedure nobody knows it, and nobody does.
/// </summary>
/// <param name="Issuer">Who issues it (<see cref="Issuers"/>).</param>
/// <param name="Province">Province of what is decided on.</param>
/// <param name="May">Whether the actor takes the step.</param>
internal sealed record Decider(string Issuer, Guid Province, bool May)
{
    /// <summary>By the version that the dossier follows.</summary>
    public static Decider? Of(Dossier dossier, ProcedureBook book, UnitTree tree, Actor actor, DateOnly today) =>
        book.Version(dossier.Procedure, dossier.ProcedureVersion).Step(StepIds.Decision) is { } step
            ? new(Issuers.Of(step, today), dossier.Province, dossier.MayTake(step, tree, actor, today))
            : null;

    /// <summary>Where there is no dossier: by the version in force on the day of what is decided on, else the latest.</summary>
    /// <param name="unit">Unit that holds the title.</param>
    public static Decider? Of(string title, Guid unit, DateOnly day, ProcedureBook book, UnitTree tree, Actor actor, DateOnly today)
    {
        if (tree.ProvinceOf(unit, day) is not { } province || book.All.FirstOrDefault(p => p.Title == title) is not { } known) return null;
        var procedure = book.Effective(book.Find(known.Id, day) ?? book.Latest(known.Id)!, tree.On(province, day)?.Code, day);
        return procedure.Step(StepIds.Decision) is { } step
            ? new(
                Issuers.Of(step, today), province,
                step.From.SelectMany(state => step.TakenBy(today, state)).Any(term => term.Roles.Any(role => term.Of == "country" ? actor.Has(role) : tree.ActsAs(actor, role, province, today))))
            : null;
    }
}
