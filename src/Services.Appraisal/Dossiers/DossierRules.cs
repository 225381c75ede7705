using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>What the procedure's file says about a dossier: which steps are allowed now, to whom, until when. Pure.</summary>
public static class DossierRules
{
    /// <summary>The refusal when the state does not allow the step; null when it does.</summary>
    public static Refusal? Forbids(this Dossier dossier, Procedure procedure, string step)
    {
        string[] allowed = [.. procedure.StepsFrom(dossier.State).Select(s => s.Id)];
        if (allowed.Contains(step)) return null;
        var (vi, en) = procedure.StateName(dossier.State);
        var steps = allowed.Length == 0 ? "–" : string.Join(", ", allowed);
        return Refusal.Conflict(
            "step-not-allowed",
            $"Hồ sơ đang ở trạng thái \"{vi}\" ({dossier.State}), không cho phép bước \"{step}\". Bước được phép: {steps}.",
            $"The dossier is in the state \"{en}\" ({dossier.State}), which does not allow the step \"{step}\". Allowed: {steps}.") with
        {
            More = new Dictionary<string, object?>(StringComparer.Ordinal) { ["state"] = dossier.State, ["allowed"] = allowed },
        };
    }

    /// <summary>Persons whom the step recuses: nobody approves what he himself entered.</summary>
    public static IReadOnlySet<string> Recused(this Dossier dossier, ProcedureStep step) => step.Recuses
        .SelectMany(group => group switch
        {
            "dossier" => dossier.Preparers,
            "figures" => dossier.Basis.Entered,
            "basis" => dossier.Basis.Persons.Concat(dossier.Basis.Confirmations.Select(c => c.By)),
            _ => Enumerable.Empty<string>(),
        })
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>The refusal when the person prepared what the step approves.</summary>
    public static Refusal? RefuseSelfApproval(this Dossier dossier, ProcedureStep step, string person) => dossier.Recused(step).Contains(person)
        ? Refusal.Forbidden(
            $"Người \"{person}\" đã lập hồ sơ hoặc nhập số liệu nên không được duyệt.",
            $"The person \"{person}\" prepared the dossier or entered its figures and may not approve it.",
            "self-approval")
        : null;

    /// <summary>Whether enough members have voted for the chair to close the vote.</summary>
    public static bool HasQuorum(this Dossier dossier, ProcedureStep close) =>
        dossier.Council is { } council && close.Quorum!.IsReached(dossier.Ballots.Count, council.Members.Count, dossier.Ballots.Count);

    /// <summary>The steps that can be taken now, with those who are asked.</summary>
    public static IReadOnlyList<NextStep> NextSteps(this Dossier dossier, Procedure procedure)
    {
        var since = VietnamTime.DayOf(dossier.Since);
        return
        [
            .. from step in procedure.StepsFrom(dossier.State)
               where step.Id != StepIds.CloseVotes || dossier.HasQuorum(step)
               let persons = dossier.PersonsAsked(step)
               where persons is not { Count: 0 }
               select new NextStep(
                   step.Id, $"/api/appraisal/dossiers/{dossier.Number}/{step.Id}", step.Roles,
                   step.Of == "unit" ? dossier.Unit.Id : dossier.Province, Deadlines.Due(step.Deadline, since), null, persons),
        ];
    }

    /// <summary>The named persons among the step's roles; null where any holder of the role may act.</summary>
    private static IReadOnlyList<string>? PersonsAsked(this Dossier dossier, ProcedureStep step) => (step.Persons, dossier.Council) switch
    {
        ("chair", { } council) => [council.Chair],
        ("council", { } council) => [.. council.Members.Select(m => m.Person).Where(p => dossier.Ballots.TrueForAll(b => b.Person != p))],
        _ => null,
    };

    /// <summary>Whether the step is for named persons and the caller is none of them.</summary>
    public static bool IsForOthers(this Dossier dossier, ProcedureStep step, string person) => (step.Persons, dossier.Council) switch
    {
        ("chair", { } council) => council.Chair != person,
        ("council", { } council) => !council.Has(person),
        _ => false,
    };
}
