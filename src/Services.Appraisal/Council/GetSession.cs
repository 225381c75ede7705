using System.Globalization;
using JasperFx.Events;
using Marten;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Council;

/// <summary>Reads a session and its minutes, now and as of an instant, from its events and those of its dossiers.</summary>
internal sealed class GetSession(IQuerySession query, AsOf past, UnitRegister units, ProcedureBook book, TimeProvider clock)
{
    /// <summary>What is recorded beside a dossier's way: most of its events, and nothing that a session's vote is told by.</summary>
    private static readonly Type[] Beside =
    [
        typeof(DocumentAttached), typeof(PaperRecorded), typeof(NoticePosted), typeof(RemarkReceived), typeof(RemarkAnswered), typeof(MeetingHeld), typeof(CompletenessChecked),
        typeof(DossierVerified), typeof(SurveyStarted), typeof(SurveySummarised), typeof(OpinionGiven), typeof(FieldVisited), typeof(AppraisalReported),
    ];

    private static readonly string[] OnTheWay = [.. StoredEvents.Names.Where(e => !Beside.Contains(e.Value)).Select(e => e.Key)];

    private sealed record Found(SessionCase Case, long Version, long? Position);

    public static async Task<IResult> Now(Guid id, HttpContext http, GetSession get, SessionViews views, CancellationToken ct)
    {
        var (found, refusal) = await get.FindAsync(id, http, asItEnded: false, ct);
        if (found is null) return Problems.Of(refusal!);
        http.Response.Headers.ETag = ETags.Of(found.Version);
        return TypedResults.Ok(views.Of(found.Case, found.Version, AsOf.DayOf(TakesAsOf.Of(http)) ?? get.Today, found.Position));
    }

    public static async Task<IResult> MinutesOf(Guid id, HttpContext http, GetSession get, CancellationToken ct)
    {
        var (found, refusal) = await get.FindAsync(id, http, asItEnded: true, ct);
        if (found is null) return Problems.Of(refusal!);
        http.Response.Headers.ETag = ETags.Of(found.Version);
        if (found.Position is { } position) http.Response.Headers["As-Of-Position"] = position.ToString(CultureInfo.InvariantCulture);
        return TypedResults.Text(Minutes.Of(Protocol.Of(found.Case), get.Titles, Text.PrefersEnglish(http)), Minutes.MediaType);
    }

    private DateOnly Today => clock.Today();

    private IReadOnlyList<KnownTitle> Titles => book.Titles;

    /// <param name="asItEnded">Whether its dossiers are wanted as they stood when it was closed or dissolved.</param>
    private async Task<(Found? Found, Refusal? Refusal)> FindAsync(Guid id, HttpContext http, bool asItEnded, CancellationToken ct)
    {
        var (position, refusal) = await past.ResolveAsync(TakesAsOf.Of(http), ct);
        if (refusal is not null) return (null, refusal);
        var key = Session.Key(id);
        var version = position is { } at ? await past.VersionAtAsync(key, at, ct) : (await query.Events.FetchStreamStateAsync(key, ct))?.Version ?? 0;
        if (version == 0 || await query.Events.AggregateStreamAsync<Session>(key, version: version, token: ct) is not { } session) return (null, SessionRunner.NoSession);
        long? ended = asItEnded && (session.ClosedAt is not null || session.Dissolved is not null)
            ? (await query.Events.FetchStreamAsync(key, version: version, fromVersion: version, token: ct)).Single().Sequence
            : null;
        var found = new SessionCase(session, await DossiersAsync(session, position ?? long.MaxValue, ended, ct), session.By, session.At);
        var first = found.Dossiers[0];
        return (await units.GetAsync(ct)).MayRead(Actor.Of(http.User), session.Province?.Id, session.Members.Select(m => m.Person), first.Procedure, first.Dossier.State, clock.Today())
            ? (new(found, version, position), null)
            : (null, Problems.OfStatus(403));
    }

    /// <summary>All in one question, without what is recorded beside: a session may have two hundred, each of some hundred events.</summary>
    /// <param name="ended">Position of the session's end, after which nothing is wanted; null for all.</param>
    private async Task<IReadOnlyList<DossierCase>> DossiersAsync(Session session, long position, long? ended, CancellationToken ct)
    {
        string[] keys = [.. session.Dossiers.Select(d => Dossier.Key(d.Dossier))];
        var events = await query.Events.QueryAllRawEvents().Where(e => e.StreamKey!.IsOneOf(keys) && e.EventTypeName.IsOneOf(OnTheWay) && e.Sequence <= position).ToListAsync(ct);
        var streams = events.ToLookup(e => e.StreamKey, StringComparer.Ordinal);
        return [.. keys.Select(k => book.CaseOf(Dossier.Fold(Heard([.. streams[k].OrderBy(e => e.Version)]))))];

        IEnumerable<object> Heard(IReadOnlyList<IEvent> stream)
        {
            object[] data = [.. stream.Select(e => e.Data)];
            return ended is { } end ? data.Take(Protocol.HeardInSession(data, session.Number, stream.Count(e => e.Sequence <= end))) : data;
        }
    }
}
