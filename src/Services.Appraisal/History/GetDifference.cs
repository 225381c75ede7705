using System.Text.Json;
using Marten;
using Ntm.Appraisal.Dossiers;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.History;

/// <summary>A dossier at one of two instants.</summary>
/// <param name="Version">0 where it did not exist yet; <paramref name="State"/> is null then.</param>
public sealed record DossierMoment(long Position, long Version, string? State);

/// <summary>A part of a dossier that is not what it was.</summary>
/// <param name="Part">
/// state, procedureVersion, council, sitting, meeting, survey, vote or decision; of several: flags, documents, remarks, levelVotes or opinions,
/// one change for each of them that came or is not what it was.
/// </param>
public sealed record DossierChange(string Part, object? Then, object? Now);

/// <summary>What happened to a dossier between two instants.</summary>
public sealed record DossierDifference(Guid Id, DossierMoment From, DossierMoment To, IReadOnlyList<DossierChange> Changes, IReadOnlyList<TakenStep> Steps)
{
    /// <param name="then">Null where it did not exist yet.</param>
    public static IReadOnlyList<DossierChange> Between(Dossier? then, Dossier now) =>
    [
        .. new DossierChange[]
        {
            new("state", then?.State, now.State), new("procedureVersion", then?.ProcedureVersion, now.ProcedureVersion), new("council", then?.Council, now.Council),
            new("sitting", then?.Sitting, now.Sitting), new("meeting", then?.Meeting, now.Meeting), new("survey", then?.Survey, now.Survey), new("vote", then?.Tally, now.Tally),
            new("decision", then?.Decision, now.Decision),
        }.Where(IsOne),
        .. Each("flags", then?.Flags, now.Flags, f => f.No),
        .. Each("documents", then?.Documents, now.Documents, d => (d.Kind, d.Sha256)),
        .. Each("remarks", then?.Remarks, now.Remarks, r => (r.Step, r.No)),
        .. Each("levelVotes", then?.LevelVotes, now.LevelVotes, v => v.Step),
        .. Each("opinions", then?.Opinions, now.Opinions, o => (o.Step, o.Opinion.Department)),
    ];

    private static IEnumerable<DossierChange> Each<T, TKey>(string part, IReadOnlyList<T>? then, IReadOnlyList<T> now, Func<T, TKey> key)
        where T : class
        where TKey : notnull
    {
        var before = (then ?? []).ToDictionary(key);
        return now.Select(item => new DossierChange(part, before.GetValueOrDefault(key(item)), item)).Where(IsOne);
    }

    private static bool IsOne(DossierChange change) => Written(change.Then) != Written(change.Now);

    private static string Written(object? part) => JsonSerializer.Serialize(part, NtmJson.Stored);
}

/// <summary>Answers what changed in a dossier from one instant to another.</summary>
internal static class GetDifference
{
    internal static async Task<IResult> Handle(Guid id, string? from, string? to, HttpContext http, GetDossier get, IQuerySession session, AsOf past, TimeProvider clock, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(from)) return Problems.Of(Refusal.Malformed("from", "as-of-instant", "Thiếu thời điểm đầu.", "The first instant is required."));
        var (start, first) = await past.ResolveAsync(from, ct);
        if (first is not null) return Problems.Of(For(first, "from"));
        var (end, second) = await past.ResolveAsync(string.IsNullOrEmpty(to) ? $"{clock.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.FFFFFFF}Z" : to, ct);
        if (second is not null) return Problems.Of(For(second, "to"));
        if (end < start) return Problems.Of(Refusal.Malformed("to", "as-of-order", "Thời điểm sau không được trước thời điểm đầu.", "The second instant is not before the first."));

        // Who may see it at the later instant may see how it came to be.
        var (found, refusal) = await get.AtAsync(id, end, http, ct);
        if (found is null) return Problems.Of(refusal!);
        var version = await past.VersionAtAsync(Dossier.Key(id), start!.Value, ct);
        var then = version == 0 ? null : await session.Events.AggregateStreamAsync<Dossier>(Dossier.Key(id), version, token: ct);
        if (!found.Complainants) then = then?.WithoutComplainants();
        return TypedResults.Ok(new DossierDifference(
            id, new(start.Value, version, then?.State), new(end!.Value, found.Version, found.Dossier.State), DossierDifference.Between(then, found.Dossier),
            [.. found.Dossier.Steps.Skip(then?.Steps.Count ?? 0)]));
    }

    private static Refusal For(Refusal refusal, string field) => refusal with
    {
        Errors = refusal.Errors?.ToDictionary(_ => field, e => e.Value, StringComparer.Ordinal),
    };
}
