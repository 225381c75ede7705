using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Daemon.Internals;
using Marten.Subscriptions;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Recognitions;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.History;

/// <summary>What a dossier has pinned, and what stands beside it.</summary>
internal sealed record BasisFacts(AssessmentState? Then, AssessmentState? Now, IReadOnlyList<Confirmation> Confirmations)
{
    public static BasisFacts None { get; } = new(null, null, []);

    /// <param name="position">Position that is looked back to; null for now.</param>
    public static async Task<BasisFacts> LoadAsync(IQuerySession session, UnitTree tree, ProcedureBook book, Dossier dossier, AsOf past, long? position, CancellationToken ct)
    {
        var target = new Target(tree, dossier.Unit, dossier.Province, dossier.Day, book.Version(dossier.Procedure, dossier.ProcedureVersion));
        if (position is not { } at) return await OfAsync(session, dossier, await EligibilityFacts.LoadAsync(session, target, ct), ct);
        var (assessment, confirmations) = await EligibilityFacts.OfUnitAsync(past, at, target, ct);
        return await OfAsync(session, dossier, assessment, confirmations, ct);
    }

    public static Task<BasisFacts> OfAsync(IQuerySession session, Dossier dossier, EligibilityFacts facts, CancellationToken ct) =>
        OfAsync(session, dossier, facts.Assessment, facts.Confirmations, ct);

    private static async Task<BasisFacts> OfAsync(IQuerySession session, Dossier dossier, ApprovedAssessment? now, IReadOnlyList<Confirmation> confirmations, CancellationToken ct)
    {
        // Mostly nothing has come since: then what was pinned is what stands.
        var then = now is null || now.Position == dossier.Basis.AssessmentPosition ? now?.Assessment : await PinnedAsync(session, dossier, ct);
        return new(then, now?.Assessment, confirmations);
    }

    /// <summary>The assessment as it was learned at the pinned position; null where it was never learned.</summary>
    private static async Task<AssessmentState?> PinnedAsync(IQuerySession session, Dossier dossier, CancellationToken ct)
    {
        if (dossier.Basis.AssessmentPosition is not { } position) return null;
        var key = Learning.KeyOf(typeof(AssessmentChanged), $"assessment/{dossier.Unit.Id}/{dossier.Basis.Set}");
        var learned = await session.Events.FetchStreamAsync(key, token: ct);
        return learned.Select(e => e.Data).OfType<AssessmentChanged>().LastOrDefault(a => a.Origin.Position == position)?.Assessment;
    }
}

/// <summary>
/// Raises a flag in the open dossier whose basis was corrected. What the dossier's flags tell already is compared under its version: a
/// replay or a second replica adds nothing.
/// </summary>
internal sealed class BasisWatch : SubscriptionBase
{
    private const int Attempts = 40;
    private readonly IServiceProvider services;

    // The store makes this subscription while it is being made itself: whatever needs the store is asked for late.
    public BasisWatch(IServiceProvider services)
    {
        this.services = services;
        Name = "basis";
        IncludeType<AssessmentChanged>();
        IncludeType<ConditionConfirmed>();
    }

    public override async Task<IChangeListener> ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        var book = services.GetRequiredService<ProcedureBook>();
        var touched = new Dictionary<(Guid Unit, string Title), IEvent>();
        foreach (var e in page.Events)
        {
            if (e.Data is ConditionConfirmed confirmed) touched[(confirmed.UnitId, confirmed.Title)] = e;
            else if (e.Data is AssessmentChanged { Assessment: { Unit.Id: var unit, Set: var set } })
                foreach (var title in book.TitlesBy(set)) touched[(unit, title)] = e;
        }

        foreach (var ((unit, title), cause) in touched) await FlagAsync(operations.DocumentStore, unit, title, cause, cancellationToken);
        return NullChangeListener.Instance;
    }

    /// <summary>Records what the open dossier of the unit and title was not told yet; says whether there was any.</summary>
    internal async Task<bool> FlagAsync(IDocumentStore store, Guid unit, string title, IEvent cause, CancellationToken ct)
    {
        var (book, units, clock) = (services.GetRequiredService<ProcedureBook>(), services.GetRequiredService<UnitRegister>(), services.GetRequiredService<TimeProvider>());
        return await Commands.RecordAsync(store, Attempts, async session =>
        {
            if ((await session.Events.AggregateStreamAsync<TitleHold>(TitleHold.Key(unit, title), token: ct))?.Open is not { } open) return false;
            var stream = await session.Events.FetchForWriting<Dossier>(Dossier.Key(open), ct);
            if (stream.Aggregate is not { } dossier) return false;
            var target = new Target(await units.GetAsync(ct), dossier.Unit, dossier.Province, dossier.Day, book.Version(dossier.Procedure, dossier.ProcedureVersion));
            var facts = await BasisFacts.OfAsync(session, dossier, await EligibilityFacts.LoadAsync(session, target, ct), ct);
            var corrections = BasisChanges.Untold(dossier, facts.Then, facts.Now, facts.Confirmations);
            if (corrections.Count == 0) return false;
            session.CausedBy(cause);
            var reports = BasisChanges.Corrected(dossier.Basis, facts.Now);
            stream.AppendOne(new BasisChanged(corrections, cause.Sequence, clock.GetUtcNow(), reports.Count == 0 ? null : reports));
            return true;
        }, ct);
    }
}
