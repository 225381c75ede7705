using System.Globalization;
using Marten;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Council;

/// <summary>The minutes of the last council that was named for one dossier alone, now and as of an instant.</summary>
internal static class GetDossierMinutes
{
    internal static async Task<IResult> Handle(
        Guid id, HttpContext http, IQuerySession query, AsOf past, UnitRegister units, ProcedureBook book, TimeProvider clock, CancellationToken ct)
    {
        var (position, refusal) = await past.ResolveAsync(TakesAsOf.Of(http), ct);
        if (refusal is not null) return Problems.Of(refusal);
        var key = Dossier.Key(id);
        long? version = position is { } at ? await past.VersionAtAsync(key, at, ct) : null;
        object[] events = version == 0 ? [] : [.. (await query.Events.FetchStreamAsync(key, version: version ?? 0, token: ct)).Select(e => e.Data)];
        if (events.Length == 0) return Problems.Of(StepRunner.NoDossier);

        var last = events.OfType<CouncilNamed>().LastOrDefault();
        var (dossier, today) = (book.CaseOf(Dossier.Fold(events)), clock.Today());
        // Whose council it is, was said on the day on which it was named.
        Guid? province = dossier.Procedure.Step(StepIds.Council)?.TakenBy(last is null ? today : VietnamTime.DayOf(last.At)).Of == "country" ? null : dossier.Dossier.Province;
        var readers = last?.Members.Select(m => m.Person) ?? [];
        if (!(await units.GetAsync(ct)).MayRead(Actor.Of(http.User), province, readers, dossier.Procedure, dossier.Dossier.State, today)) return Problems.Of(Problems.OfStatus(403));
        if (last is null) return Problems.Of(NoCouncil);
        if (last.Session is { } session) return Problems.Of(InSession(session.Id));

        http.Response.Headers.ETag = ETags.Of(events.Length);
        if (position is { } then) http.Response.Headers["As-Of-Position"] = then.ToString(CultureInfo.InvariantCulture);
        return TypedResults.Text(Minutes.Of(Protocol.Of(events, book.CaseOf), book.Titles, Text.PrefersEnglish(http)), Minutes.MediaType);
    }

    private static Refusal NoCouncil { get; } = Refusal.NotFound("Chưa lập Hội đồng cho hồ sơ này.", "No council was named for this dossier yet.");

    private static Refusal InSession(Guid session) => Refusal.Conflict(
        "votes-in-session", $"Hội đồng họp về hồ sơ này trong phiên họp: /api/appraisal/sessions/{session}/minutes.",
        $"The council meets on this dossier in a session: /api/appraisal/sessions/{session}/minutes.") with
    {
        More = new Dictionary<string, object?>(StringComparer.Ordinal) { ["session"] = session },
    };
}
