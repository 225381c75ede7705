using Marten;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Eligibility;

/// <summary>All that eligibility is judged by.</summary>
/// <param name="Set">The procedure's set; null before it was learned.</param>
/// <param name="Assessment">Null while nothing of the unit was approved.</param>
/// <param name="Confirmations">The last confirmation of each condition.</param>
public sealed record EligibilityFacts(SetState? Set, ApprovedAssessment? Assessment, IReadOnlyList<Confirmation> Confirmations)
{
    public static async Task<EligibilityFacts> LoadAsync(IQuerySession session, Procedure procedure, Guid unit, CancellationToken ct)
    {
        var set = await session.LoadAsync<KnownSet>(procedure.Set, ct);
        var assessment = await session.LoadAsync<ApprovedAssessment>(ApprovedAssessment.KeyOf(unit, procedure.Set), ct);
        List<Confirmation> confirmations = [];
        foreach (var condition in procedure.Conditions.Where(c => c.ConfirmedBy is not null))
        {
            var key = Confirmation.Key(unit, procedure.Title, condition.Id);
            if (await session.Events.AggregateStreamAsync<Confirmation>(key, token: ct) is { } confirmation) confirmations.Add(confirmation);
        }

        return new(set?.Set, assessment, confirmations);
    }

    /// <summary>The facts as this service knew them at the position.</summary>
    public static async Task<EligibilityFacts> LoadAsync(IQuerySession session, AsOf past, long position, Procedure procedure, Guid unit, CancellationToken ct)
    {
        var set = await LearnedAsync<SetPublished>($"set/{procedure.Set}");
        var changed = await LearnedAsync<AssessmentChanged>($"assessment/{unit}/{procedure.Set}");
        List<Confirmation> confirmations = [];
        foreach (var condition in procedure.Conditions.Where(c => c.ConfirmedBy is not null))
        {
            var key = Confirmation.Key(unit, procedure.Title, condition.Id);
            if (await past.VersionAtAsync(key, position, ct) is > 0 and var version)
                confirmations.Add((await session.Events.AggregateStreamAsync<Confirmation>(key, version, token: ct))!);
        }

        return new(
            set?.Set,
            changed is null ? null : new(ApprovedAssessment.KeyOf(unit, procedure.Set), changed.Origin.Position, changed.Assessment),
            confirmations);

        async Task<TFact?> LearnedAsync<TFact>(string source)
            where TFact : class, IIntegrationEvent
        {
            var key = Learning.KeyOf(typeof(TFact), source);
            var version = await past.VersionAtAsync(key, position, ct);
            return version == 0 ? null : (await session.Events.FetchStreamAsync(key, version, fromVersion: version, token: ct)).Single().Data as TFact;
        }
    }
}
