using Marten;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Eligibility;

/// <summary>A change of a unit's eligibility.</summary>
/// <param name="Event">Stored name of the event.</param>
public sealed record EligibilityChange(long Version, string Event, bool Eligible, DateTimeOffset At, EligibilityFinding Finding);

/// <summary>Whether a unit may be proposed for a title: now, as of an instant, and all that it was found before.</summary>
internal static class GetEligibility
{
    internal static async Task<IResult> Now(
        string unit, string? title, QueryDay? on, HttpContext http, IQuerySession session, UnitRegister units, ProcedureBook book, AsOf past, Demonstration demonstration, TimeProvider clock,
        CancellationToken ct)
    {
        var (target, position, refusal) = await ResolveAsync(unit, title, on, http, units, book, past, clock, ct);
        if (target is null) return Problems.Of(refusal!);
        var key = KeptEligibility.Key(target.Unit.Id, target.Procedure.Title);
        var facts = position is { } at
            ? await EligibilityFacts.LoadAsync(session, past, at, target, ct)
            : await EligibilityFacts.LoadAsync(session, target, ct);
        var kept = position is null
            ? await session.LoadAsync<KeptEligibility>(key, ct)
            : await past.VersionAtAsync(key, position.Value, ct) is > 0 and var version
                ? await session.Events.AggregateStreamAsync<KeptEligibility>(key, version, token: ct)
                : null;
        return TypedResults.Ok(EligibilityView.Of(target.Unit, target.Procedure, facts, kept, Text.PrefersEnglish(http), demonstration.On, position));
    }

    internal static async Task<IResult> History(
        string unit, string? title, QueryDay? on, HttpContext http, IQuerySession session, UnitRegister units, ProcedureBook book, AsOf past, TimeProvider clock, CancellationToken ct)
    {
        var (target, position, refusal) = await ResolveAsync(unit, title, on, http, units, book, past, clock, ct);
        if (target is null) return Problems.Of(refusal!);
        var key = KeptEligibility.Key(target.Unit.Id, target.Procedure.Title);
        long? version = position is { } at ? await past.VersionAtAsync(key, at, ct) : null;
        var events = version == 0 ? [] : await session.Events.FetchStreamAsync(key, version: version ?? 0, token: ct);
        var items = events.Select(e => e.Data switch
        {
            UnitBecameEligible x => new EligibilityChange(e.Version, e.EventTypeName, true, x.At, x.Finding),
            UnitCeasedToBeEligible x => new EligibilityChange(e.Version, e.EventTypeName, false, x.At, x.Finding),
            _ => throw new InvalidOperationException($"{key} holds a {e.EventTypeName}."),
        }).ToList();
        return Exports.Whole(http, "eligibility", items, position, () => TypedResults.Ok(new { items, next = (string?)null, asOfPosition = position }));
    }

    private static async Task<(Target? Target, long? Position, Refusal? Refusal)> ResolveAsync(
        string unit, string? title, QueryDay? on, HttpContext http, UnitRegister units, ProcedureBook book, AsOf past, TimeProvider clock, CancellationToken ct)
    {
        var today = clock.Today();
        var (target, refusal) = Target.Resolve(await units.GetAsync(ct), book, unit, title, on?.Value ?? AsOf.DayOf(TakesAsOf.Of(http)) ?? today);
        if (target is null) return (null, null, refusal);
        if (!target.Tree.MayRead(Actor.Of(http.User), target.Unit.Id, target.Day, today)) return (null, null, Problems.OfStatus(403));
        var (position, malformed) = await past.ResolveAsync(TakesAsOf.Of(http), ct);
        return malformed is null ? (target, position, null) : (null, null, malformed);
    }
}
