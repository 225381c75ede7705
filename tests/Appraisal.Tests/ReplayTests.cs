using System.Collections.Concurrent;
using JasperFx.Events.Daemon;
using Marten;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Ntm.Appraisal.Council;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Recognitions;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Tests;

/// <summary>What an owner sends to one consumer that asked for its facts again.</summary>
public sealed class ReplayTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Owner = "appraisal";
    private const string Consumer = "central";
    private const int Unwanted = 3_500;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_what_the_consumer_wants_is_mapped_and_it_is_told_that_the_owner_is_at_it_while_nothing_is_found()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        var unit = Guid.CreateVersion7();
        await AppendAsync(service, "title/first", [new TitleGranted(unit, "po", Given.Now)]);
        await AppendAsync(service, "title/many", [.. Enumerable.Repeat(new TitleReleased(unit, "po", Given.Now), Unwanted)]);
        await AppendAsync(service, "title/last", [new TitleGranted(unit, "po", Given.Now)]);
        // A name that the type had in an older version: the store lists only the present one.
        await using (var session = service.Store.LightweightSession())
        {
            session.QueueSqlCommand("update mt_events set type = 'title-granted.v0' where stream_id = 'title/first'");
            await session.SaveChangesAsync(Ct);
        }

        var map = new IntegrationMap(Owner)
            .On<TitleGranted>((e, _, _) => Task.FromResult<IReadOnlyList<IIntegrationEvent>>([Recognised(e.StreamKey!, e.Sequence)]), typeof(RecognitionChanged))
            .On<TitleReleased>((_, _, _) => throw new InvalidOperationException("nobody wants it"), typeof(DossierMoved));
        var request = Guid.CreateVersion7();
        await using var owner = await ReplayingOwner.StartAsync(service, map, Unwanted + 2);
        await owner.Bus.Publish(new ReplayRequested(Consumer, Owner, request), Ct);
        await owner.UntilAsync(sent => sent.OfType<ReplayCompleted>().Any());
        var sent = owner.Sent;

        Assert.Equal(["title/first", "title/last"], sent.OfType<RecognitionChanged>().Select(r => r.Origin.Stream));
        var told = sent.OfType<ReplayUnderWay>().ToList();
        Assert.Equal([0, 2_000], told.Select(t => t.Position));
        Assert.All(told, t => Assert.Equal((Consumer, Owner, request), (t.Consumer, t.Owner, t.Request)));
        Assert.IsType<ReplayUnderWay>(sent[0]);
        Assert.Equal(new ReplayCompleted(Consumer, Owner, request, Unwanted + 2), sent[^1]);
    }

    [Fact]
    public async Task A_replay_whose_owner_is_gone_is_gone_on_with_by_the_next_one_within_10_s()
    {
        var database = await postgres.CreateAsync();
        await using AppraisalService one = await AppraisalService.StartAsync(database), other = await AppraisalService.StartAsync(database);
        var unit = Guid.CreateVersion7();
        await AppendAsync(one, "title/first", [new TitleGranted(unit, "po", Given.Now)]);
        await AppendAsync(one, "title/many", [.. Enumerable.Repeat(new TitleReleased(unit, "po", Given.Now), Unwanted)]);
        await AppendAsync(one, "title/last", [new TitleGranted(unit, "po", Given.Now)]);
        var request = Guid.CreateVersion7();
        // Its clock stands still: it does not try to have the lock again before the other does.
        await using var former = await ReplayingOwner.StartAsync(
            one, Recognitions(), Unwanted + 2, handsOver: (message, ct) => message is RecognitionChanged { Origin.Stream: "title/last" } ? Task.Delay(Timeout.Infinite, ct) : Task.CompletedTask, clock: new FakeTimeProvider());
        await former.Bus.Publish(new ReplayRequested(Consumer, Owner, request), Ct);
        await former.UntilAsync(async _ => (await OwedAsync(one)).Any(o => o.After == 2_000));
        await using var next = await ReplayingOwner.StartAsync(other, Recognitions(), Unwanted + 2);
        Assert.True(former.RequestIsTaken, "A request that waits at the broker for the end of its replay is delivered again after half an hour, and to nobody after two minutes.");

        await KillOwnerAsync(one);
        var gone = TimeProvider.System.GetTimestamp();
        await next.UntilAsync(sent => sent.OfType<ReplayCompleted>().Any());
        Assert.InRange(TimeProvider.System.GetElapsedTime(gone), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Equal(
            [new ReplayUnderWay(Consumer, Owner, request, 2_000), "title/last", new ReplayCompleted(Consumer, Owner, request, Unwanted + 2)],
            next.Sent.Select(m => m is RecognitionChanged fact ? fact.Origin.Stream : m));
        Assert.Equal(["title/first"], former.Sent.OfType<RecognitionChanged>().Select(r => r.Origin.Stream));
        Assert.DoesNotContain(former.Sent, m => m is ReplayCompleted);
        await next.UntilAsync(async _ => (await OwedAsync(other)).Count == 0);
    }

    [Fact]
    public async Task Whoever_waits_behind_another_hears_of_it_and_of_the_requests_of_one_consumer_the_last_is_served()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        await AppendAsync(service, "title/first", [new TitleGranted(Guid.CreateVersion7(), "po", Given.Now)]);
        var requests = Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToArray();
        await using var owner = await ReplayingOwner.StartAsync(service, Recognitions(), announced: 1, owns: false);
        foreach (var (consumer, request) in new[] { Consumer, Consumer, "notifications" }.Zip(requests))
        {
            await owner.Bus.Publish(new ReplayRequested(consumer, Owner, request), Ct);
            await owner.UntilAsync(async _ => (await OwedAsync(service)).Any(o => o.Id == request));
        }

        Assert.Equal(requests[1..], (await OwedAsync(service)).Select(o => o.Id));
        await owner.OwnAsync();
        await owner.UntilAsync(sent => sent.OfType<ReplayCompleted>().Count() == 2);
        Assert.Equal(
            [
                new ReplayUnderWay(Consumer, Owner, requests[1], 0), new ReplayUnderWay("notifications", Owner, requests[2], 0), "title/first", new ReplayCompleted(Consumer, Owner, requests[1], 1),
                new ReplayUnderWay("notifications", Owner, requests[2], 0), "title/first", new ReplayCompleted("notifications", Owner, requests[2], 1),
            ],
            owner.Sent.Select(m => m is RecognitionChanged fact ? fact.Origin.Stream : m));
    }

    [Fact]
    public async Task A_replay_that_stands_still_is_told_until_it_goes_on_whatever_becomes_of_another()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        await AppendAsync(service, "title/first", [new TitleGranted(Guid.CreateVersion7(), "po", Given.Now)]);
        var tries = 0;
        var again = new TaskCompletionSource();
        await using var owner = await ReplayingOwner.StartAsync(service, Recognitions(), announced: 1, owns: false, handsOver: async (message, ct) =>
        {
            if (message is not ReplayCompleted { Consumer: Consumer }) return;
            if (Interlocked.Increment(ref tries) == 1) throw new TimeoutException("The broker does not take it.");
            await again.Task.WaitAsync(ct);
        });
        foreach (var consumer in (string[])[Consumer, "notifications"])
        {
            var request = Guid.CreateVersion7();
            await owner.Bus.Publish(new ReplayRequested(consumer, Owner, request), Ct);
            await owner.UntilAsync(async _ => (await OwedAsync(service)).Any(o => o.Id == request));
        }

        Assert.Equal(HealthStatus.Healthy, (await owner.HealthAsync()).Status);
        await owner.OwnAsync();
        await owner.UntilAsync(_ => Volatile.Read(ref tries) == 2);
        Assert.Equal("notifications", Assert.Single(owner.Sent.OfType<ReplayCompleted>()).Consumer);
        var standing = await owner.HealthAsync();
        Assert.Equal(HealthStatus.Degraded, standing.Status);
        Assert.Equal($"the replay for {Consumer} stands still: {nameof(TimeoutException)}", standing.Description);

        again.SetResult();
        await owner.UntilAsync(async sent => sent.OfType<ReplayCompleted>().Count() == 2 && (await owner.HealthAsync()).Status == HealthStatus.Healthy);
    }

    [Fact]
    public async Task What_another_process_takes_over_stands_still_here_no_more()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        await using var owner = await ReplayingOwner.StartAsync(service, Recognitions(), announced: 0, owns: false, handsOver: (message, _) =>
            message is ReplayCompleted ? throw new TimeoutException("The broker does not take it.") : Task.CompletedTask);
        var request = Guid.CreateVersion7();
        await owner.Bus.Publish(new ReplayRequested(Consumer, Owner, request), Ct);
        await owner.UntilAsync(async _ => (await OwedAsync(service)).Any(o => o.Id == request));
        await owner.OwnAsync();
        await owner.UntilAsync(async _ => (await owner.HealthAsync()).Status == HealthStatus.Degraded);
        await owner.LetGoAsync();
        await owner.UntilAsync(async _ => (await owner.HealthAsync()).Status == HealthStatus.Healthy);
        Assert.Equal(request, Assert.Single(await OwedAsync(service)).Id);
    }

    [Fact]
    public async Task A_consumer_that_asks_anew_while_its_replay_is_under_way_is_served_and_nothing_is_said_to_stand_still()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        await AppendAsync(service, "title/first", [new TitleGranted(Guid.CreateVersion7(), "po", Given.Now)]);
        var (before, anew) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        ReplayingOwner? owner = null;
        HealthStatus? meanwhile = null;
        await using var made = owner = await ReplayingOwner.StartAsync(service, Recognitions(), announced: 1, owns: false, handsOver: async (message, ct) =>
        {
            if (message is ReplayUnderWay { Request: var request } && request == anew) meanwhile ??= (await owner!.HealthAsync()).Status;
            // Between the owner's look at what it owes and its note of how far it is.
            if (message is not ReplayUnderWay || meanwhile is not null || (await OwedAsync(service)).Any(o => o.Id == anew)) return;
            await owner!.Bus.Publish(new ReplayRequested(Consumer, Owner, anew), ct);
            await owner.UntilAsync(async _ => (await OwedAsync(service)).Any(o => o.Id == anew));
        });
        await owner.Bus.Publish(new ReplayRequested(Consumer, Owner, before), Ct);
        await owner.UntilAsync(async _ => (await OwedAsync(service)).Any(o => o.Id == before));
        await owner.OwnAsync();
        await owner.UntilAsync(sent => sent.OfType<ReplayCompleted>().Any());
        Assert.Equal(anew, Assert.Single(owner.Sent.OfType<ReplayCompleted>()).Request);
        Assert.Equal(HealthStatus.Healthy, meanwhile);
    }

    [Fact]
    public void Each_contract_of_the_service_has_an_event_that_is_said_to_yield_it()
    {
        var map = new IntegrationMap(Owner).AnnounceEligibility().AnnounceDossiers(Given.Book).AnnounceFlags(Given.Book).AnnounceSessions().AnnounceRecognitions();
        Assert.All(Topology.Owners[Owner], contract => Assert.NotEmpty(map.SourcesOf([contract])));
        Assert.Equal(5, map.SourcesOf(Topology.Listeners[Consumer]).Count);
    }

    [Fact]
    public async Task What_a_map_does_not_say_that_it_yields_is_not_announced()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        await AppendAsync(service, "title/one", [new TitleGranted(Guid.CreateVersion7(), "po", Given.Now)]);
        var map = new IntegrationMap(Owner).On<TitleGranted>((e, _, _) => Task.FromResult<IReadOnlyList<IIntegrationEvent>>([Recognised(e.StreamKey!, 1)]), typeof(DossierMoved));
        await using var session = service.Store.QuerySession();
        var e = (await session.Events.FetchStreamAsync("title/one", token: Ct))[0];
        await Assert.ThrowsAsync<InvalidOperationException>(() => map.MapAsync(e, session, Ct));
    }

    private static IntegrationMap Recognitions() => new IntegrationMap(Owner).On<TitleGranted>(
        (e, _, _) => Task.FromResult<IReadOnlyList<IIntegrationEvent>>([Recognised(e.StreamKey!, e.Sequence)]), typeof(RecognitionChanged));

    private static async Task<IReadOnlyList<OwedReplay>> OwedAsync(AppraisalService service)
    {
        await using var session = service.Store.QuerySession();
        return await session.Query<OwedReplay>().OrderBy(o => o.Asked).ToListAsync(Ct);
    }

    private static async Task KillOwnerAsync(AppraisalService service)
    {
        await using var session = service.Store.QuerySession();
        await session.QueryAsync<bool>(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())", Ct);
    }

    private static async Task AppendAsync(AppraisalService service, string stream, object[] events)
    {
        await using var session = service.Store.LightweightSession();
        session.Events.StartStream(stream, events);
        await session.SaveChangesAsync(Ct);
    }

    private static RecognitionChanged Recognised(string stream, long position) => new(
        new(Owner, stream, 1, position, Guid.CreateVersion7(), Given.Now, "po", "test", Demonstration: false),
        new(Guid.Empty, Given.Unit, "commune-ntm", "12/QĐ", Given.Today, "QĐ", Given.Today, null, "in-force", null, null));

    private sealed class ThreeSecondsALook : TimeProvider
    {
        private long looks;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => 3 * Interlocked.Increment(ref looks);

        // Pauses are short: nobody waits for them here.
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, Short(dueTime), Short(period));

        private static TimeSpan Short(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / 10;
    }

    /// <summary>A process that owns the subscriptions of the service, or waits for them.</summary>
    private sealed class ReplayingOwner : ISendObserver, IReceiveObserver, IAsyncDisposable
    {
        private readonly ConcurrentQueue<object> sent = [];
        private readonly Func<object, CancellationToken, Task> handsOver;
        private readonly ServiceProvider provider;
        private readonly Subscriptions subscriptions;
        private readonly Replay replay;

        /// <param name="handsOver">What becomes of a message before the broker has it.</param>
        private ReplayingOwner(AppraisalService service, IntegrationMap map, long announced, Func<object, CancellationToken, Task> handsOver, TimeProvider clock)
        {
            this.handsOver = handsOver;
            var configuration = service.Services.GetRequiredService<IConfiguration>();
            provider = new ServiceCollection()
                .AddLogging().AddSingleton<OutboxHealth>().AddSingleton(map).AddSingleton(service.Store).AddSingleton(new OutboxTurn { Announced = announced }).AddSingleton<TimeProvider>(new ThreeSecondsALook())
                .AddSingleton(service.Services.GetRequiredService<IProjectionCoordinator>())
                .AddSingleton(parts => new Subscriptions(
                    Owner, configuration, service.Services.GetRequiredService<IProjectionCoordinator>(), clock, NullLogger<Subscriptions>.Instance, health: parts.GetRequiredService<OutboxHealth>(), turn: parts.GetRequiredService<OutboxTurn>()))
                .AddSingleton<Replay>()
                .AddMassTransit(bus =>
                {
                    bus.DisableUsageTelemetry();
                    bus.AddConsumer<ReplayRequests>();
                    bus.UsingInMemory((context, memory) => memory.ReceiveEndpoint(Topology.ReplayQueueOf(Owner), endpoint => endpoint.ConfigureConsumer<ReplayRequests>(context)));
                })
                .BuildServiceProvider();
            (subscriptions, replay) = (provider.GetRequiredService<Subscriptions>(), provider.GetRequiredService<Replay>());
            Bus.ConnectSendObserver(this);
            Bus.ConnectReceiveObserver(this);
        }

        public IBusControl Bus => provider.GetRequiredService<IBusControl>();

        public IReadOnlyList<object> Sent => [.. sent];

        public bool RequestIsTaken { get; private set; }

        public static async Task<ReplayingOwner> StartAsync(
            AppraisalService service, IntegrationMap map, long announced, Func<object, CancellationToken, Task>? handsOver = null, bool owns = true, TimeProvider? clock = null)
        {
            var owner = new ReplayingOwner(service, map, announced, handsOver ?? ((_, _) => Task.CompletedTask), clock ?? TimeProvider.System);
            await owner.Bus.StartAsync(Ct);
            if (owns) await owner.OwnAsync();
            return owner;
        }

        public async Task OwnAsync()
        {
            await subscriptions.StartAsync(Ct);
            await replay.StartAsync(Ct);
        }

        public Task LetGoAsync() => subscriptions.StopAsync(Ct);

        public Task<HealthCheckResult> HealthAsync() => provider.GetRequiredService<OutboxHealth>().CheckHealthAsync(new(), Ct);

        public Task UntilAsync(Func<IReadOnlyList<object>, bool> condition) => UntilAsync(sent => Task.FromResult(condition(sent)));

        public async Task UntilAsync(Func<IReadOnlyList<object>, Task<bool>> condition)
        {
            var clock = TimeProvider.System;
            for (var start = clock.GetTimestamp(); !await condition(Sent); await Task.Delay(20, Ct))
                Assert.True(clock.GetElapsedTime(start) < TimeSpan.FromSeconds(30), $"Sent was {string.Join(", ", Sent)}.");
        }

        public Task PreSend<T>(SendContext<T> context)
            where T : class => handsOver(context.Message, context.CancellationToken);

        public Task PostSend<T>(SendContext<T> context)
            where T : class
        {
            sent.Enqueue(context.Message);
            return Task.CompletedTask;
        }

        public Task SendFault<T>(SendContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;

        public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostReceive(ReceiveContext context)
        {
            RequestIsTaken = true;
            return Task.CompletedTask;
        }

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
            where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
            where T : class => Task.CompletedTask;

        public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;

        public async ValueTask DisposeAsync()
        {
            await replay.StopAsync(CancellationToken.None);
            await subscriptions.StopAsync(CancellationToken.None);
            await Bus.StopAsync(CancellationToken.None);
            await provider.DisposeAsync();
        }
    }
}
