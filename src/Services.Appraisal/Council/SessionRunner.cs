using Marten;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Council;

/// <summary>A dossier as it stands, with the version of the procedure that it follows.</summary>
public sealed record DossierCase(Dossier Dossier, Procedure Procedure);

/// <summary>A session with its dossiers as they stand, and who acts on it.</summary>
public sealed record SessionCase(Session Session, IReadOnlyList<DossierCase> Dossiers, string By, DateTimeOffset Now)
{
    /// <summary>The dossiers on which it still votes; one that was withdrawn meanwhile is none.</summary>
    public IEnumerable<DossierCase> Voting => Dossiers.Where(d =>
        IsOwn(d.Dossier) && d.Dossier.Forbids(d.Procedure, StepIds.Votes) is null);

    /// <summary>The dossiers as this session sees them: what another council has of them is none of its own.</summary>
    public IEnumerable<DossierCase> Own => Dossiers.Select(d => IsOwn(d.Dossier) ? d : d with { Dossier = d.Dossier with { Council = null, Sitting = null, Ballots = [] } });

    private bool IsOwn(Dossier dossier) => dossier.Council?.Session?.Id == Session.Number;
}

/// <summary>What is decided on a session: its own event and one for each dossier that it concerns, or a refusal.</summary>
public sealed record SessionDecision(object? Event, IReadOnlyList<(Guid Dossier, object Event)> Dossiers, Refusal? Refusal)
{
    public static SessionDecision Record(object e, IEnumerable<(Guid Dossier, object Event)> dossiers) => new(e, [.. dossiers], null);

    /// <summary>The session was read while another writer was at it: the act is judged anew.</summary>
    public static SessionDecision Raced { get; } = new(null, [], null);

    public static implicit operator SessionDecision(Refusal refusal) => new(null, [], refusal);
}

/// <summary>Runs every act on a session alike: right, expected version, state, decision; session and dossiers in one transaction.</summary>
internal sealed class SessionRunner(Commands commands, UnitRegister units, ProcedureBook book, SessionViews views)
{
    public static Refusal NoSession { get; } = Refusal.NotFound("Không có phiên họp này.", "There is no such session.");

    private static Refusal Closed { get; } = Refusal.Conflict("session-closed", "Phiên họp đã kết thúc.", "The session is closed.");

    private static Refusal Dissolved { get; } = Refusal.Conflict("session-dissolved", "Phiên họp đã bị giải tán.", "The session was dissolved.");

    /// <param name="may">Why this member of the session may not, null where he may; without it the act is of whoever may appoint the council.</param>
    /// <param name="decide">The act's own decision, with the transaction that it reads and writes beside the streams.</param>
    /// <param name="answer">What is answered; null for the session as it stands.</param>
    /// <param name="fingerprint">What the receipt tells the request by in place of its body; null for the body.</param>
    /// <param name="named">The dossiers that the act is on, the only ones that are read; null for all.</param>
    public Task<IResult> TakeAsync(
        HttpContext http, Guid id, Func<Session, string, Refusal?>? may, Func<SessionCase, CommandContext, CancellationToken, Task<SessionDecision>> decide,
        Func<SessionDecision, object>? answer = null, string? fingerprint = null,
        IReadOnlyList<Guid>? named = null) => commands.Run(
        http,
        Session.Key(id),
        async (c, ct) =>
        {
            var stream = await c.Session.Events.FetchForWriting<Session>(Session.Key(id), ct);
            if (stream.Aggregate is not { } session) return NoSession;
            var batch = c.Session.CreateBatchQuery();
            // Rights are the same on all of them: of an act on none, one is enough to tell.
            SessionDossier[] wanted = named is null ? [.. session.Dossiers] : [.. session.Dossiers.Where(d => named.Contains(d.Dossier)).DefaultIfEmpty(session.Dossiers[0])];
            var asked = wanted.Select(d => batch.Events.FetchForWriting<Dossier>(Dossier.Key(d.Dossier))).ToList();
            await batch.Execute(ct);
            var dossiers = (await Task.WhenAll(asked)).ToDictionary(d => d.Aggregate!.Number);
            var at = new SessionCase(session, [.. dossiers.Values.Select(d => book.CaseOf(d.Aggregate!))], c.Actor.Person, c.Now);

            var first = at.Dossiers[0];
            var step = first.Procedure.Step(may is null ? StepIds.Council : StepIds.Votes)!;
            if ((may is not null && session.Member(at.By) is null) || !first.Dossier.MayTake(step, await units.GetAsync(ct), c.Actor, c.Today)) return Problems.OfStatus(403);
            if (may?.Invoke(session, at.By) is { } forbidden) return forbidden;
            var version = stream.StartingVersion ?? 0;
            if (c.IsStale(version)) return Refusal.Stale(version);
            if (session.ClosedAt is not null) return Closed;
            if (session.Dissolved is not null) return Dissolved;

            var decision = await decide(at, c, ct);
            if (ReferenceEquals(decision, SessionDecision.Raced)) return Outcome.Raced;
            if (decision.Refusal is { } refusal) return refusal;
            stream.AppendOne(decision.Event!);
            foreach (var (dossier, e) in decision.Dossiers) dossiers[dossier].AppendOne(e);
            return Outcome.Ok(answer is null ? views.Of(at.After(decision), version + 1, c.Today) : answer(decision), version + 1);
        },
        fingerprint);
}

internal static class SessionCases
{
    public static DossierCase CaseOf(this ProcedureBook book, Dossier dossier) => new(dossier, book.Version(dossier.Procedure, dossier.ProcedureVersion));

    public static SessionCase After(this SessionCase at, SessionDecision decision) => at with
    {
        Session = at.Session.When(decision.Event!),
        Dossiers = [.. at.Dossiers.Select(d => decision.Dossiers.Where(x => x.Dossier == d.Dossier.Number).Aggregate(d, (known, x) => known with { Dossier = known.Dossier.When(x.Event) }))],
    };

    /// <summary>A refusal that names dossiers, each with its unit.</summary>
    public static Refusal Naming(this Refusal refusal, IEnumerable<Dossier> dossiers) => refusal with
    {
        More = new Dictionary<string, object?>(refusal.More ?? new Dictionary<string, object?>(), StringComparer.Ordinal)
        {
            ["dossiers"] = dossiers.Select(d => new { dossier = d.Number, unit = d.Unit.Code, unitName = d.Unit.Name, d.Title, d.State }).ToArray(),
        },
    };
}
