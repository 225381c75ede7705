using JasperFx.Events;
using Marten;
using Marten.Services.BatchQuerying;
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

    public static async Task<EligibilityFacts> LoadAsync(IQuerySession session, Target target, CancellationToken ct)
    {
        var batch = session.CreateBatchQuery();
        var facts = LoadAsync(batch, target.Procedure, [target.Unit.Id], target.Day);
        await batch.Execute(ct);
        return (await facts)[target.Unit.Id];
    }

    /// <summary>The facts of several units, asked for in the batch and told once it was executed.</summary>
    public static async Task<IReadOnlyDictionary<Guid, EligibilityFacts>> LoadAsync(IBatchedQuery batch, Procedure procedure, IReadOnlyCollection<Guid> units, DateOnly day)
    {
        var set = procedure.Set;
        var confirmed = ConfirmedOf(procedure);
        var versions = batch.Query<KnownSet>().Where(k => k.Set.Id == set).ToList();
        var end = batch.Load<RetiredSet>(set);
        var figures = batch.LoadMany<ApprovedAssessment>().ByIdList(units.Select(u => ApprovedAssessment.KeyOf(u, set)));
        var words = batch.LoadMany<Confirmation>().ByIdList(units.SelectMany(u => confirmed.Select(c => Confirmation.Key(u, procedure.Title, c))));

        var known = await versions;
        var retired = day > (await end)?.End.LastDay;
        var governing = VersionFor(known, null, day);
        var assessments = (await figures).ToDictionary(a => a.Id, StringComparer.Ordinal);
        var confirmations = (await words).ToDictionary(c => c.Id, StringComparer.Ordinal);
        return units.ToDictionary(u => u, u =>
        {
            var assessment = assessments.GetValueOrDefault(ApprovedAssessment.KeyOf(u, set));
            return new EligibilityFacts(
                VersionFor(known, assessment?.Assessment, day), assessment,
                [.. confirmed.Select(c => confirmations.GetValueOrDefault(Confirmation.Key(u, procedure.Title, c))).OfType<Confirmation>()], retired, governing);
        });
    }

    /// <summary>The facts as this service knew them at the position.</summary>
    public static async Task<EligibilityFacts> LoadAsync(IQuerySession session, AsOf past, long position, Target target, CancellationToken ct)
    {
        var procedure = target.Procedure;
        var versions = await VersionsAsync(session, procedure.Set, ct);
        var retired = Learning.KeyOf(typeof(SetRetired), $"set/{procedure.Set}");
        var at = await past.VersionsAtAsync([.. versions.Select(v => v.Stream)], position, ct);
        var known = versions.Where(v => at.ContainsKey(v.Stream)).ToList();
        var last = await past.LastAsync([retired, .. StreamsOf(target)], position, ct);
        var end = (last.GetValueOrDefault(retired)?.Data as SetRetired)?.Set.Retired;
        var (changed, confirmations) = OfUnit(target, last);

        return new(VersionFor(known, changed?.Assessment, target.Day), changed, confirmations, target.Day > end?.LastDay, VersionFor(known, null, target.Day));
    }

    /// <summary>What was said of the unit itself, as this service knew it at the position: all that a dossier can have pinned.</summary>
    public static async Task<(ApprovedAssessment? Assessment, IReadOnlyList<Confirmation> Confirmations)> OfUnitAsync(
        AsOf past, long position, Target target, CancellationToken ct) =>
        OfUnit(target, await past.LastAsync([.. StreamsOf(target)], position, ct));

    private static (ApprovedAssessment? Assessment, IReadOnlyList<Confirmation> Confirmations) OfUnit(Target target, IReadOnlyDictionary<string, IEvent> last)
    {
        var (key, changed) = (ApprovedAssessment.KeyOf(target.Unit.Id, target.Procedure.Set), last.GetValueOrDefault(AssessedOf(target))?.Data as AssessmentChanged);
        return (
            changed is null ? null : new(key, changed.Origin.Position, changed.Assessment),
            [.. from stream in ConfirmationsOf(target)
                let e = last.GetValueOrDefault(stream)
                where e is not null
                // The last word says all, and its version how many there were.
                select Confirmation.Create((ConditionConfirmed)e.Data) with { Revision = e.Version }]);
    }

    private static IEnumerable<string> StreamsOf(Target target) => ConfirmationsOf(target).Prepend(AssessedOf(target));

    private static string AssessedOf(Target target) => Learning.KeyOf(typeof(AssessmentChanged), $"assessment/{target.Unit.Id}/{target.Procedure.Set}");

    private static IEnumerable<string> ConfirmationsOf(Target target) => ConfirmedOf(target.Procedure).Select(c => Confirmation.Key(target.Unit.Id, target.Procedure.Title, c));

    private static string[] ConfirmedOf(Procedure procedure) => [.. procedure.Conditions.Where(c => c.ConfirmedBy is not null).Select(c => c.Id)];

    private static Task<IReadOnlyList<KnownSet>> VersionsAsync(IQuerySession session, string set, CancellationToken ct) =>
        session.Query<KnownSet>().Where(k => k.Set.Id == set).ToListAsync(ct);
}
