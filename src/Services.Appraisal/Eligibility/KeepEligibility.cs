using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events;
using Marten.Events.Daemon.Internals;
using Marten.Subscriptions;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Eligibility;

/// <summary>
/// Judges units anew and records where the answer became another. What was told last stands in the unit's own stream and is compared
/// under its version, so that a replay, a rebuild, a restart or a second replica adds nothing.
/// </summary>
internal sealed class EligibilityKeeper(IDocumentStore store, UnitRegister units, ProcedureBook book, TimeProvider clock, Demonstration demonstration)
{
    private const string Keeper = "system:eligibility";
    private const int Page = 100;
    private const int Attempts = 5;

    /// <summary>Each title's procedure of today, or its last one: once that has ended, nobody is eligible by it any more.</summary>
    public IEnumerable<Procedure> Procedures => book.Titles.Select(t => book.LastOf(t.Id, clock.Today())).OfType<Procedure>();

    /// <param name="touched">The units, each with the fact that may have changed the answer; null where it is the day.</param>
    public async Task JudgeAsync(Procedure procedure, IReadOnlyDictionary<Guid, IEvent?> touched, CancellationToken ct)
    {
        var (tree, today) = (await units.GetAsync(ct), clock.Today());
        var targets = touched.Keys.Select(u => TargetOf(tree, procedure, u, today)).OfType<Judged>();
        // What is judged by one procedure for one day is judged by the same facts.
        foreach (var page in targets.GroupBy(j => (j.Target.Procedure.Version, j.Target.Day)).SelectMany(g => g.Chunk(Page)))
        {
            if (await TryRecordAsync(page, touched, ct)) continue;
            foreach (var one in page) await Commands.RecordAsync(store, Attempts, session => RecordAsync(session, [one], touched, ct), ct);
        }
    }

    /// <summary>All units of which anything was approved, and all that are eligible.</summary>
    public async Task JudgeAllAsync(Procedure procedure, IEvent? cause, CancellationToken ct)
    {
        await using var query = store.QuerySession();
        var (set, title) = (procedure.Set, procedure.Title);
        var assessed = await query.Query<ApprovedAssessment>().Where(a => a.Assessment.Set == set).Select(a => a.Assessment.Unit.Id).ToListAsync(ct);
        var eligible = await query.Query<KeptEligibility>().Where(k => k.Title == title && k.Eligible).Select(k => k.UnitId).ToListAsync(ct);
        await JudgeAsync(procedure, assessed.Union(eligible).ToDictionary(u => u, _ => cause), ct);
    }

    /// <summary>The unit today, by what its province set over the procedure; a unit or a procedure that ended, on its last day.</summary>
    private Judged? TargetOf(UnitTree tree, Procedure procedure, Guid unit, DateOnly today)
    {
        if (tree.Find(unit) is not { } found || found.Level != procedure.Tier) return null;
        var last = procedure.ValidTo is { } end && end < today ? end : today;
        var day = tree.On(unit, last) is not null ? last : found.Versions.Where(v => v.To < last).Max(v => v.To);
        return day is { } of && tree.ProvinceOf(unit, of) is { } province
            ? new(new(tree, tree.Ref(unit, of)!, province, of, book.Effective(procedure, tree.On(province, of)?.Code, of)), of < last ? of.AddDays(1) : null, last < today ? last.AddDays(1) : null)
            : null;
    }

    /// <param name="Ended">First day without the unit; null while it exists.</param>
    /// <param name="ProcedureEnded">First day without a procedure for the title; null while there is one.</param>
    private sealed record Judged(Target Target, DateOnly? Ended, DateOnly? ProcedureEnded);

    /// <summary>Units of a page in one transaction; false where another writer was first with any of them.</summary>
    private async Task<bool> TryRecordAsync(IReadOnlyList<Judged> page, IReadOnlyDictionary<Guid, IEvent?> touched, CancellationToken ct)
    {
        try
        {
            await Commands.RecordAsync(store, 1, session => RecordAsync(session, page, touched, ct), ct);
            return true;
        }
        catch (Exception race) when (Commands.IsRace(race))
        {
            return false;
        }
    }

    /// <param name="page">Units that are judged by one procedure for one day.</param>
    private async Task<bool> RecordAsync(IDocumentSession session, IReadOnlyList<Judged> page, IReadOnlyDictionary<Guid, IEvent?> touched, CancellationToken ct)
    {
        var (procedure, day) = (page[0].Target.Procedure, page[0].Target.Day);
        var batch = session.CreateBatchQuery();
        List<Task<IEventStream<KeptEligibility>>> streams = [.. page.Select(j => batch.Events.FetchForWriting<KeptEligibility>(KeptEligibility.Key(j.Target.Unit.Id, procedure.Title)))];
        // Read after the streams: whoever recorded meanwhile did so by facts that are seen here too, or is found by the version.
        var read = EligibilityFacts.LoadAsync(batch, procedure, [.. page.Select(j => j.Target.Unit.Id)], day);
        await batch.Execute(ct);
        var (facts, any) = (await read, false);
        foreach (var (judged, fetched) in page.Zip(streams))
        {
            var (target, stream) = (judged.Target, await fetched);
            if (KeptEligibility.Change(stream.Aggregate, target, facts[target.Unit.Id], clock.GetUtcNow(), judged.Ended, judged.ProcedureEnded) is not { } change) continue;
            stream.AppendOne(change);
            if (touched[target.Unit.Id] is { } cause) stream.Events[0].CausedBy(cause);
            else stream.Events[0].CausedBy(Keeper, demonstration);
            any = true;
        }

        return any;
    }
}

/// <summary>Has units judged whose facts changed, one page of facts at a time.</summary>
internal sealed class EligibilityWatch : SubscriptionBase
{
    private readonly IServiceProvider services;

    // The store makes this subscription while it is being made itself: whatever needs the store is asked for late.
    public EligibilityWatch(IServiceProvider services)
    {
        this.services = services;
        Name = "eligibility";
        IncludeType<AssessmentChanged>();
        IncludeType<ConditionConfirmed>();
        IncludeType<UnitChanged>();
        IncludeType<SetPublished>();
        IncludeType<SetAmended>();
        IncludeType<SetAdapted>();
        IncludeType<SetRetired>();
    }

    public override async Task<IChangeListener> ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        var keeper = services.GetRequiredService<EligibilityKeeper>();
        foreach (var procedure in keeper.Procedures)
        {
            if (page.Events.LastOrDefault(e => SetOf(e.Data) == procedure.Set) is { } ofSet)
            {
                await keeper.JudgeAllAsync(procedure, ofSet, cancellationToken);
            }

            var touched = new Dictionary<Guid, IEvent?>();
            foreach (var e in page.Events)
                if (UnitOf(e.Data, procedure) is { } unit) touched[unit] = e;
            if (touched.Count > 0) await keeper.JudgeAsync(procedure, touched, cancellationToken);
        }

        return NullChangeListener.Instance;
    }

    private static Guid? UnitOf(object fact, Procedure procedure) => fact switch
    {
        AssessmentChanged { Assessment: var assessment } when assessment.Set == procedure.Set => assessment.Unit.Id,
        ConditionConfirmed confirmed when confirmed.Title == procedure.Title => confirmed.UnitId,
        UnitChanged { Unit: var unit } when unit.Level == procedure.Tier => unit.Id,
        _ => null,
    };

    private static string? SetOf(object fact) => fact switch
    {
        SetPublished e => e.Set.Id,
        SetAmended e => e.Set.Id,
        SetAdapted e => e.Set.Id,
        SetRetired e => e.Set.Id,
        _ => null,
    };
}

/// <summary>With a new day another version of a set may govern, or a set may have ended: once a day all are judged anew.</summary>
internal sealed partial class EligibilityByDay(EligibilityKeeper keeper, TimeProvider clock, ILogger<EligibilityByDay> log) : BackgroundService
{
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pulse, clock);
        DateOnly? judged = null;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (judged == clock.Today()) continue;
            try
            {
                var today = clock.Today();
                foreach (var procedure in keeper.Procedures) await keeper.JudgeAllAsync(procedure, null, stoppingToken);
                judged = today;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                NotNow(exception.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Eligibility cannot be judged for the new day now ({Reason}); it is tried again")]
    private partial void NotNow(string reason);
}
