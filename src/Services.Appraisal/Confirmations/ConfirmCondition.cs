using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Confirmations;

/// <summary>A department, the Front or, of a province's title, the ministry confirms a condition; a later confirmation supersedes the earlier.</summary>
public static class ConfirmCondition
{
    /// <param name="Evidence">Documents behind the confirmation, at most 20; may be left out. Those brought in before are held.</param>
    public sealed record Body(bool? Met, decimal? Value, string? Basis, DateOnly? ValidOn, IReadOnlyList<EvidenceBody?>? Evidence = null);

    public sealed record View(
        string Unit, Guid UnitId, string Title, string Condition, bool Met, decimal? Value, string Basis, DateOnly ValidOn, string By, DateTimeOffset At, long Version,
        IReadOnlyList<EvidenceRef> Evidence)
    {
        internal static View Of(UnitRef unit, ConditionConfirmed e, long version) =>
            new(unit.Code, e.UnitId, e.Title, e.Condition, e.Met, e.Value, e.Basis, e.ValidOn, e.By, e.At, version, e.Evidence ?? []);
    }

    /// <param name="held">Documents of the condition whose content is kept here.</param>
    public static Decision Decide(
        Guid unit, string title, string condition, Body body, string by, DateTimeOffset now, IReadOnlyList<KeptDocument>? held = null)
    {
        var basis = Prose.Clean(body.Basis);
        var faults = new Faults()
            .Required(body.Met, "met")
            .Readable(basis, "basis")
            .Percent(body.Value, "value")
            .NotInFuture(body.ValidOn, "validOn", VietnamTime.DayOf(now))
            .Documents(body.Evidence, held ?? [], "evidence");
        return faults.Refuse() is { } refusal
            ? refusal
            : Decision.Record(new ConditionConfirmed(unit, title, condition, body.Met!.Value, body.Value, basis!, body.ValidOn!.Value, by, now, Documents(body, held ?? [])));
    }

    internal static Task<IResult> Handle(
        string unit, string condition, string? title, QueryDay? on, Body body, HttpContext http, Commands commands, UnitRegister units, ProcedureBook book) =>
        commands.Run(http, async (c, ct) =>
        {
            var (target, refusal) = Target.Resolve(await units.GetAsync(ct), book, unit, title, on?.Value ?? c.Today);
            if (target is null) return refusal!;
            if (target.Procedure.Condition(condition)?.ConfirmedBy is not { } confirmer)
                return NoCondition(condition);
            if (!confirmer.Is(c.Actor, target, c.Today)) return Problems.OfStatus(403);

            var stream = await c.Session.Events.FetchForWriting<Confirmation>(Confirmation.Key(target.Unit.Id, target.Procedure.Title, condition), ct);
            var version = stream.StartingVersion ?? 0;
            if (c.IsStale(version)) return Refusal.Stale(version);
            var held = body.Evidence is { Count: > 0 } ? await ConditionDocuments.LoadAsync(c.Session, target.Unit.Id, target.Procedure.Title, condition, ct) : [];
            var decision = Decide(target.Unit.Id, target.Procedure.Title, condition, body, c.Actor.Person, c.Now, held);
            if (decision.Refusal is { } no) return no;

            stream.AppendMany(decision.Events);
            var e = (ConditionConfirmed)decision.Events[0];
            return Outcome.Ok(View.Of(target.Unit, e, version + 1), version + 1);
        });

    internal static bool Is(this Confirmer confirmer, Actor actor, Target target, DateOnly today) => confirmer.Of == Confirmer.Country
        ? actor.Has(confirmer.Role)
        : target.Tree.ActsAs(actor, confirmer.Role, target.Province, today, confirmer.Department);

    public static Refusal NoCondition(string condition) =>
        Refusal.NotFound($"Không có điều kiện \"{condition}\" để xác nhận.", $"There is no condition \"{condition}\" to confirm.");

    /// <summary>As what was brought in tells it, else as it was said.</summary>
    private static List<EvidenceRef>? Documents(Body body, IReadOnlyList<KeptDocument> held) => body.Evidence is not { Count: > 0 } given
        ? null
        :
        [
            .. from document in given
               let kept = held.FirstOrDefault(h => h.IsNamed(document!.Sha256))
               select new EvidenceRef(document!.Sha256!.ToLowerInvariant(), kept?.Size ?? document.Size, kept?.MediaType ?? document.MediaType, kept is not null),
        ];
}
