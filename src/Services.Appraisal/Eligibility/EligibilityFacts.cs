using Marten;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts.Criteria;

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
}
