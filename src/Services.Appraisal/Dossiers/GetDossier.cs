using JasperFx.Events;
using Marten;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>Who did what, and when.</summary>
public sealed record HistoryEntry(long Version, string Event, string By, string Client, DateTimeOffset At, object Facts);

/// <summary>Reads a dossier now, as of an instant, and its whole history.</summary>
internal sealed class GetDossier(IQuerySession session, AsOf past, UnitRegister units, ProcedureBook book, TimeProvider clock)
{
    /// <param name="Dossier">As the caller may see it.</param>
    /// <param name="Complainants">Whether he is told who complained.</param>
    internal sealed record Found(Dossier Dossier, long Version, long? Position, bool Complainants);

    public static async Task<IResult> Now(Guid id, HttpContext http, GetDossier get, DossierViews views, CancellationToken ct)
    {
        var (found, refusal) = await get.FindAsync(id, http, ct);
        if (found is null) return Problems.Of(refusal!);
        http.Response.Headers.ETag = ETags.Of(found.Version);
        return TypedResults.Ok(views.Of(
            found.Dossier, found.Version, get.Today(http), await get.CalendarAsync(found.Position, ct), found.Position, await get.DifferencesAsync(found, ct)));
    }

    public static async Task<IResult> History(Guid id, HttpContext http, GetDossier get, IQuerySession session, CancellationToken ct)
    {
        var (found, refusal) = await get.FindAsync(id, http, ct);
        if (found is null) return Problems.Of(refusal!);
        var events = await session.Events.FetchStreamAsync(Dossier.Key(id), version: found.Version, token: ct);
        var items = events.Select(e => Entry(e, found.Complainants));
        return Exports.Whole(http, "history", items, found.Position, () => TypedResults.Ok(new { items, next = (string?)null, asOfPosition = found.Position }));
    }

    /// <summary>The day by which roles are told: of an answer to asOf, that day.</summary>
    private DateOnly Today(HttpContext http) => AsOf.DayOf(TakesAsOf.Of(http)) ?? clock.Today();

    private Task<KnownCalendar?> CalendarAsync(long? position, CancellationToken ct) =>
        position is { } at ? KnownCalendar.LoadAsync(past, at, ct) : KnownCalendar.LoadAsync(session, ct);

    private static HistoryEntry Entry(IEvent e, bool complainants) => new(
        e.Version, e.EventTypeName, e.UserName ?? "", e.ClientOf(), e.Timestamp,
        e.Data switch
        {
            // That somebody voted is told; what was sealed is for the count alone.
            SecretVoteCast vote => new { vote.To, vote.By, vote.At },
            // The unit reads this: why a member is recused stands in the council's minutes.
            CouncilMemberRecused recused => new { recused.Member, recused.By, recused.At },
            _ => complainants ? e.Data : Complainants.WithoutComplainant(e.Data),
        });

    private async Task<(Found? Found, Refusal? Refusal)> FindAsync(Guid id, HttpContext http, CancellationToken ct)
    {
        var (position, refusal) = await past.ResolveAsync(TakesAsOf.Of(http), ct);
        return refusal is null ? await AtAsync(id, position, http, ct) : (null, refusal);
    }

    /// <summary>What stands, as of the same position, beside what the dossier has pinned.</summary>
    private async Task<IReadOnlyList<BasisDifference>> DifferencesAsync(Found found, CancellationToken ct)
    {
        var facts = await BasisFacts.LoadAsync(session, await units.GetAsync(ct), book, found.Dossier, past, found.Position, ct);
        return BasisChanges.Differences(found.Dossier.Basis, facts.Then, facts.Now, facts.Confirmations);
    }

    /// <summary>The dossier at a position, or now, where the caller may read it.</summary>
    internal async Task<(Found? Found, Refusal? Refusal)> AtAsync(Guid id, long? position, HttpContext http, CancellationToken ct)
    {
        var key = Dossier.Key(id);
        var version = position is { } at ? await past.VersionAtAsync(key, at, ct) : (await session.Events.FetchStreamStateAsync(key, ct))?.Version ?? 0;
        if (version == 0 || await session.Events.AggregateStreamAsync<Dossier>(key, version: version, token: ct) is not { } dossier)
            return (null, StepRunner.NoDossier);
        var (tree, actor) = (await units.GetAsync(ct), Actor.Of(http.User));
        if (!MayRead(tree, actor, dossier) && (position is null || !await SitsNowAsync(key, tree, actor, ct))) return (null, Problems.OfStatus(403));
        var named = dossier.MaySeeComplainants(book.Version(dossier.Procedure, dossier.ProcedureVersion), tree, actor, clock.Today());
        return (new(named ? dossier : dossier.WithoutComplainants(), version, position, named), null);
    }

    /// <summary>Whether the caller sits on the council now: then he sees the dossier at any instant, also before he was named.</summary>
    private async Task<bool> SitsNowAsync(string key, UnitTree tree, Actor actor, CancellationToken ct) =>
        actor.Has(Roles.CouncilMember) && await session.Events.AggregateStreamAsync<Dossier>(key, token: ct) is { } now && Sits(tree, actor, now);

    /// <summary>The unit, those above, the auditor, whoever takes a step of the procedure, and of the council's members those of this council.</summary>
    private bool MayRead(UnitTree tree, Actor actor, Dossier dossier)
    {
        var (today, procedure) = (clock.Today(), book.Version(dossier.Procedure, dossier.ProcedureVersion));
        var officer = actor with { Grants = [.. actor.Grants.Where(g => g.Role != Roles.CouncilMember)] };
        return tree.MayRead(officer, dossier.Unit.Id, dossier.Day, today)
            || procedure.Steps.Any(s => s.Persons is null && dossier.MayTake(s, tree, officer, today))
            || Sits(tree, actor, dossier);
    }

    private bool Sits(UnitTree tree, Actor actor, Dossier dossier) =>
        dossier.Council?.Has(actor.Person) == true
        && dossier.MayTake(book.Version(dossier.Procedure, dossier.ProcedureVersion).Step(StepIds.Votes)!, tree, actor, clock.Today());
}
