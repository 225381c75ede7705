using Marten;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Eligibility;

/// <summary>All that eligibility is judged by.</summary>
/// <param name="Set">The version of the procedure's set that counts; null before it was learned.</param>
/// <param name="Assessment">Null while nothing of the unit was approved.</param>
/// <param name="Confirmations">The last confirmation of each condition.</param>
/// <param name="SetRetired">Whether the set was retired before the day: no new title rests on it.</param>
/// <param name="Governing">The version that governs the day, whatever the figures were measured by: where its text is not wholly known, no title rests on the set.</param>
public sealed record EligibilityFacts(
    SetState? Set, ApprovedAssessment? Assessment, IReadOnlyList<Confirmation> Confirmations, bool SetRetired = false, SetState? Governing = null)
{
    /// <summary>
    /// The version that counts: the one that the approved figures were measured by, else of those in force on the day the one
    /// published last, else the first. What was measured by a version that has not come yet is judged by none.
    /// </summary>
    public static SetState? VersionFor(IEnumerable<KnownSet> known, AssessmentState? assessment, DateOnly day)
    {
        SetState[] versions = [.. known.Select(k => k.Set).OrderBy(s => s.Version ?? 1)];
        if (assessment is not null) return Array.Find(versions, s => (s.Version ?? 1) == (assessment.SetVersion ?? 1));
        return Array.FindLast(versions, s => s.InForceFrom <= day && day <= (s.InForceTo ?? DateOnly.MaxValue))
            ?? Array.FindLast(versions, s => s.InForceFrom is not { } from || from <= day)
            ?? versions.FirstOrDefault();
    }

    public static async Task<EligibilityFacts> LoadAsync(IQuerySession session, Target target, CancellationToken ct) =>
        (await LoadAsync(session, target.Procedure, [target.Unit.Id], target.Day, ct))[target.Unit.Id];

    /// <summary>The facts of several units: as many trips to the store as for one.</summary>
    public static async Task<IReadOnlyDictionary<Guid, EligibilityFacts>> LoadAsync(
        IQuerySession session, Procedure procedure, IReadOnlyCollection<Guid> units, DateOnly day, CancellationToken ct)
    {
        var known = await VersionsAsync(session, procedure.Set, ct);
        var retired = day > (await session.LoadAsync<RetiredSet>(procedure.Set, ct))?.End.LastDay;
        var governing = VersionFor(known, null, day);
        var assessments = (await session.LoadManyAsync<ApprovedAssessment>(ct, [.. units.Select(u => ApprovedAssessment.KeyOf(u, procedure.Set))]))
            .ToDictionary(a => a.Id, StringComparer.Ordinal);
        var confirmed = procedure.Conditions.Where(c => c.ConfirmedBy is not null).Select(c => c.Id).ToList();
        var confirmations = (await session.LoadManyAsync<Confirmation>(ct, [.. units.SelectMany(u => confirmed.Select(c => Confirmation.Key(u, procedure.Title, c)))]))
            .ToDictionary(c => c.Id, StringComparer.Ordinal);
        return units.ToDictionary(u => u, u =>
        {
            var assessment = assessments.GetValueOrDefault(ApprovedAssessment.KeyOf(u, procedure.Set));
            return new EligibilityFacts(
                VersionFor(known, assessment?.Assessment, day), assessment,
                [.. confirmed.Select(c => confirmations.GetValueOrDefault(Confirmation.Key(u, procedure.Title, c))).OfType<Confirmation>()], retired, governing);
        });
    }

    /// <summary>The facts as this service knew them at the position.</summary>
    public static async Task<EligibilityFacts> LoadAsync(IQuerySession session, AsOf past, long position, Target target, CancellationToken ct)
    {
        var (procedure, unit) = (target.Procedure, target.Unit.Id);
        var versions = await VersionsAsync(session, procedure.Set, ct);
        var (retired, assessed) = (Learning.KeyOf(typeof(SetRetired), $"set/{procedure.Set}"), Learning.KeyOf(typeof(AssessmentChanged), $"assessment/{unit}/{procedure.Set}"));
        string[] confirmed = [.. procedure.Conditions.Where(c => c.ConfirmedBy is not null).Select(c => Confirmation.Key(unit, procedure.Title, c.Id))];
        var at = await past.VersionsAtAsync([.. versions.Select(v => v.Stream), retired, assessed, .. confirmed], position, ct);
        var known = versions.Where(v => at.ContainsKey(v.Stream)).ToList();
        var end = (await LearnedAsync<SetRetired>(retired))?.Set.Retired;
        var changed = await LearnedAsync<AssessmentChanged>(assessed);
        List<Confirmation> confirmations = [];
        foreach (var key in confirmed)
            if (at.TryGetValue(key, out var version)) confirmations.Add((await session.Events.AggregateStreamAsync<Confirmation>(key, version, token: ct))!);

        return new(
            VersionFor(known, changed?.Assessment, target.Day),
            changed is null ? null : new(ApprovedAssessment.KeyOf(unit, procedure.Set), changed.Origin.Position, changed.Assessment),
            confirmations,
            target.Day > end?.LastDay,
            VersionFor(known, null, target.Day));

        async Task<TFact?> LearnedAsync<TFact>(string key)
            where TFact : class, IIntegrationEvent =>
            at.TryGetValue(key, out var version) ? (await session.Events.FetchStreamAsync(key, version, fromVersion: version, token: ct)).Single().Data as TFact : null;
    }

    private static Task<IReadOnlyList<KnownSet>> VersionsAsync(IQuerySession session, string set, CancellationToken ct) =>
        session.Query<KnownSet>().Where(k => k.Set.Id == set).ToListAsync(ct);
}
