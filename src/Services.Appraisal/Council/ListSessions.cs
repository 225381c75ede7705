using System.Runtime.CompilerServices;
using Marten;
using Marten.Linq.MatchesSql;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Queues;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Council;

/// <summary>A session in the list.</summary>
/// <param name="State">appointed, voting, closed or dissolved.</param>
/// <param name="Province">Null of a council that is the country's.</param>
/// <param name="Members">How many vote.</param>
/// <param name="Units">Codes of the units that it votes on, of the dossiers' own days.</param>
/// <param name="Dossiers">How many dossiers it votes on.</param>
/// <param name="Passed">How many of them passed; null before the count.</param>
/// <param name="EndedAt">When it was counted or dissolved; null before.</param>
public sealed record SessionItem(
    Guid Id, string State, UnitRef? Province, Appointment Appointment, string Ballot, string Chair, string Secretary, int Members, IReadOnlyList<string> Units,
    IReadOnlyList<string> Titles, int Dossiers, int? Passed, DateTimeOffset AppointedAt, DateTimeOffset? OpenedAt, DateTimeOffset? EndedAt, string Href, bool Demonstration)
{
    internal static SessionItem Of(ListedSession s) => new(
        s.Number, s.State, s.Province, s.Appointment, s.Ballot, s.Chair, s.Secretary, s.Members, [.. s.Dossiers.Select(d => d.Unit.Code)],
        [.. s.Dossiers.Select(d => d.Title).Distinct(StringComparer.Ordinal)], s.Dossiers.Count, s.Passed, s.AppointedAt, s.OpenedAt, s.EndedAt,
        $"/api/appraisal/sessions/{s.Number}", s.Demonstration);
}

/// <summary>The sessions that the caller may read, the newest first.</summary>
internal static class ListSessions
{
    private const int Chunk = 200;

    internal static async Task<IResult> Handle(
        string? state, Guid? dossier, string? unit, Guid? after, int? limit, HttpContext http, IQuerySession session, UnitRegister units, ProcedureBook book, TimeProvider clock, CancellationToken ct)
    {
        if (Actor.Of(http) is not { } actor) return Problems.Of(Problems.OfStatus(401));
        var (today, tree, faults) = (clock.Today(), await units.GetAsync(ct), new Faults());
        var size = Paging.Limit(limit, faults);
        faults.Unless(state is null || SessionStates.All.Contains(state), "state", "Phải là appointed, voting, closed hoặc dissolved.", "Must be appointed, voting, closed or dissolved.");
        if (faults.Refuse(400, "malformed-query") is { } malformed) return Problems.Of(malformed);

        var sessions = Concerning(session.Query<ListedSession>(), actor, tree, today);
        if (state is not null) sessions = sessions.Where(s => s.State == state);
        if (dossier is { } one) sessions = sessions.Where(s => s.MatchesSql("d.data -> 'dossiers' @> jsonb_build_array(jsonb_build_object('dossier', CAST(? as text)))", one.ToString()));
        if (unit is not null)
        {
            if (tree.Resolve(unit, today) is not { } found) return Problems.Of(Target.NoUnit(unit, today));
            string[] of = [.. tree.AnsweredBy(found.Id, today).Select(id => id.ToString())];
            sessions = sessions.Where(s => s.MatchesSql("exists (select from jsonb_array_elements(d.data -> 'dossiers') as x where x -> 'unit' ->> 'id' = any(?))", (object)of));
        }

        return await Exports.AnswerAsync(http, "sessions", ReadableAsync(ct), i => i.Id.ToString(), size);

        async IAsyncEnumerable<SessionItem> ReadableAsync([EnumeratorCancellation] CancellationToken stop)
        {
            var last = after;
            IReadOnlyList<ListedSession> read;
            do
            {
                // Ids begin with the time of the appointment, so their order is that of the sessions.
                var onward = last is { } before ? sessions.Where(s => s.MatchesSql("d.id < ?", Session.Key(before))) : sessions;
                read = await onward.OrderByDescending(s => s.Id).Take(Chunk).ToListAsync(stop);
                string[] firsts = [.. read.Select(s => Dossier.Key(s.Dossiers[0].Dossier)).Distinct()];
                var follows = (await session.Query<OpenSteps>().Where(o => o.Id.IsOneOf(firsts))
                    .Select(o => new Follows { Id = o.Id, Procedure = o.Dossier.Procedure, Version = o.Dossier.ProcedureVersion, State = o.Dossier.State }).ToListAsync(stop))
                    .ToDictionary(f => f.Id, StringComparer.Ordinal);
                foreach (var s in read)
                {
                    var first = follows[Dossier.Key(s.Dossiers[0].Dossier)];
                    if (tree.MayRead(actor, s.Province?.Id, s.Persons, book.Version(first.Procedure, first.Version), first.State, today)) yield return SessionItem.Of(s);
                }

                last = read.Count == Chunk ? read[^1].Number : null;
            }
            while (last is not null);
        }
    }

    /// <summary>A first choice in the store: sessions of the caller's provinces or of his country, and those that name him.</summary>
    private static IQueryable<ListedSession> Concerning(IQueryable<ListedSession> sessions, Actor actor, UnitTree tree, DateOnly today)
    {
        if (actor.Has(Roles.Auditor)) return sessions;
        string[] units = [.. actor.Grants.Select(g => tree.UnitOf(g, today)).OfType<Guid>().Distinct().SelectMany(granted => tree.AnsweredBy(granted, today)).Select(id => id.ToString())];
        return sessions.Where(s => s.MatchesSql(
            "(d.data -> 'province' ->> 'id' = any(?) or (d.data -> 'province' ->> 'id' is null and CAST(? as boolean)) or jsonb_exists(d.data -> 'persons', ?))",
            units, actor.Grants.Any(g => g.Code == Grant.Country), actor.Person));
    }

    /// <summary>What a dossier follows, and no more of it.</summary>
    private sealed class Follows
    {
        public string Id { get; init; } = "";

        public string Procedure { get; init; } = "";

        public string Version { get; init; } = "";

        public string State { get; init; } = "";
    }
}
