using Marten;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Confirmations;

/// <summary>All that was confirmed of a condition: who, when, by which document.</summary>
internal static class GetConfirmations
{
    internal static async Task<IResult> Handle(
        string unit, string condition, string? title, QueryDay? on, HttpContext http, IQuerySession session, AsOf past, UnitRegister units, ProcedureBook book,
        TimeProvider clock, CancellationToken ct)
    {
        var today = clock.Today();
        var (target, refusal) = Target.Resolve(await units.GetAsync(ct), book, unit, title, on?.Value ?? AsOf.DayOf(TakesAsOf.Of(http)) ?? today);
        if (target is null) return Problems.Of(refusal!);
        if (target.Procedure.Condition(condition)?.ConfirmedBy is not { } confirmer) return Problems.Of(ConfirmCondition.NoCondition(condition));
        var actor = Actor.Of(http.User);
        if (!target.Tree.MayRead(actor, target.Unit.Id, target.Day, today) && !confirmer.Is(actor, target, today)) return Problems.Of(Problems.OfStatus(403));
        var (position, malformed) = await past.ResolveAsync(TakesAsOf.Of(http), ct);
        if (malformed is not null) return Problems.Of(malformed);

        var key = Confirmation.Key(target.Unit.Id, target.Procedure.Title, condition);
        long? version = position is { } at ? await past.VersionAtAsync(key, at, ct) : null;
        var events = version == 0 ? [] : await session.Events.FetchStreamAsync(key, version: version ?? 0, token: ct);
        var items = events.Select(e => ConfirmCondition.View.Of(target.Unit, (ConditionConfirmed)e.Data, e.Version)).ToList();
        return Exports.Whole(http, "confirmations", items, position, () => TypedResults.Ok(new { items, next = (string?)null, asOfPosition = position }));
    }
}
