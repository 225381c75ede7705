using System.Collections.Concurrent;
using JasperFx.Events.Daemon;
using Marten.Services;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Tests;

/// <summary>What a service waits for of another one's replay.</summary>
public sealed class IntroductionTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const int Rounds = 300;
    private const string Consumer = "appraisal";
    private const string Owner = "criteria";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wait_that_ended_is_not_begun_anew_by_whoever_was_reading_it()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        using var introductions = new Introductions(Consumer, service.Store, TimeProvider.System);
        for (var n = 0; n < Rounds; n++)
        {
            var request = Guid.CreateVersion7();
            await introductions.AskedAsync(Owner, request, Ct);
            Assert.True(introductions.IsAwaited(Owner));
            var ended = introductions.EndedAsync(new(Consumer, Owner, request, n), Ct);
            await Task.WhenAll(introductions.LoadAsync(Ct), ended, introductions.LoadAsync(Ct));
            Assert.True(await ended);
            Assert.False(introductions.IsAwaited(Owner), $"In round {n} what is announced is left to a replay that is over.");
        }
    }

    [Fact]
    public async Task An_order_that_comes_while_the_former_replay_ends_is_kept()
    {
        var database = await postgres.CreateAsync();
        await using var service = await AppraisalService.StartAsync(database);
        using var introductions = new Introductions(Consumer, service.Store, TimeProvider.System);
        var former = Guid.CreateVersion7();
        await introductions.AskedAsync(Owner, former, Ct);
        // An operator's, as any process of the service stores it, a moment before it is committed.
        await using var operating = new NpgsqlConnection(database);
        await operating.OpenAsync(Ct);
        await using var order = await operating.BeginTransactionAsync(Ct);
        await using (var session = service.Store.LightweightSession(SessionOptions.ForTransaction(order)))
        {
            session.Store(new Introduced(Owner, Waiting: true));
            await session.SaveChangesAsync(Ct);
        }

        var ended = introductions.EndedAsync(new(Consumer, Owner, former, 1), Ct);
        await using (var looking = service.Store.QuerySession())
        {
            while (!ended.IsCompleted && (await looking.QueryAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'", Ct))[0] == 0)
                await Task.Yield();
        }

        await order.CommitAsync(Ct);
        Assert.False(await ended);
        Assert.True(introductions.IsAwaited(Owner));
        Assert.Equal(default, Assert.Single(await introductions.LoadAsync(Ct)).Request);
    }

    [Fact]
    public async Task With_the_queue_goes_what_was_asked_for_and_only_the_answer_to_a_new_request_counts()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        using var introductions = new Introductions(Consumer, service.Store, TimeProvider.System);
        var (before, anew) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await introductions.AskedAsync(Owner, before, Ct);
        Assert.True(introductions.Heard(Owner, before));

        await introductions.ForgetAsync(Ct);
        Assert.True(introductions.IsAwaited(Owner));
        Assert.False(introductions.Heard(Owner, before));
        Assert.False(await introductions.EndedAsync(new(Consumer, Owner, before, 1), Ct));
        // Another process of the service finds the same in the store.
        using var another = new Introductions(Consumer, service.Store, TimeProvider.System);
        Assert.Equal(default, Assert.Single(await another.LoadAsync(Ct)).Request);

        await introductions.AskedAsync(Owner, anew, Ct);
        Assert.False(introductions.Heard(Owner, before));
        Assert.True(introductions.Heard(Owner, anew));
        Assert.True(await introductions.EndedAsync(new(Consumer, Owner, anew, 1), Ct));
        Assert.False(introductions.IsAwaited(Owner));
    }

    [Fact]
    public async Task A_replay_is_asked_for_anew_when_nothing_is_heard_of_it_and_no_request_outlives_that()
    {
        var database = await postgres.CreateAsync();
        await using var service = await AppraisalService.StartAsync(database);
        var clock = new FakeTimeProvider();
        using var introductions = new Introductions(Consumer, service.Store, clock);
        var configuration = new ConfigurationManager { [$"ConnectionStrings:{Consumer}"] = database };
        using var subscriptions = new Subscriptions(Consumer, configuration, service.Services.GetRequiredService<IProjectionCoordinator>(), clock, NullLogger<Subscriptions>.Instance);
        var bus = Bus.Factory.CreateUsingInMemory(_ => { });
        var asked = new Asked(clock);
        bus.ConnectSendObserver(asked);
        await bus.StartAsync(Ct);
        using var introduction = new Introduction(Consumer, introductions, subscriptions, bus, clock, NullLogger<Introduction>.Instance);
        await subscriptions.StartAsync(Ct);
        await introduction.StartAsync(Ct);
        // Nobody is asked as long as the answer would come to a queue that is not there.
        for (var n = 0; n < 5; n++) await GoOnAsync();
        Assert.Empty(asked.Requests);
        introductions.Hears = true;
        await GoOnUntilAsync(() => asked.Requests.Count == 1);
        var (request, at, life) = asked.Requests.Single();
        Assert.Equal(Introduction.Silence, life);

        await GoOnUntilAsync(() => clock.GetUtcNow() - at > TimeSpan.FromSeconds(100));
        Assert.True(introductions.Heard(Owner, request.Request));
        var heard = clock.GetUtcNow();
        await GoOnUntilAsync(() => clock.GetUtcNow() - heard > TimeSpan.FromSeconds(100));
        Assert.Single(asked.Requests);
        // What is said of another request is nothing to go by.
        Assert.False(introductions.Heard(Owner, Guid.CreateVersion7()));
        await GoOnUntilAsync(() => asked.Requests.Count == 2);
        Assert.InRange(asked.Requests.Last().At - heard, TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(150));
        Assert.NotEqual(request.Request, asked.Requests.Last().Request.Request);
        await introduction.StopAsync(Ct);
        await subscriptions.StopAsync(Ct);
        await bus.StopAsync(CancellationToken.None);

        async Task GoOnUntilAsync(Func<bool> condition)
        {
            for (var n = 0; !condition(); n++)
            {
                Assert.True(n < 1_000, "It does not come to that.");
                await GoOnAsync();
            }
        }

        async Task GoOnAsync()
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, Ct);
        }
    }

    [Fact]
    public async Task Until_its_replay_has_ended_only_what_answers_the_last_request_is_learned()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        using var introductions = new Introductions(Consumer, service.Store, TimeProvider.System);
        using var parking = new Parking(Consumer, service.Store, TimeProvider.System, service.Services.GetRequiredService<HouseMetrics>(), NullLogger<Parking>.Instance);
        var lines = new InboxLines(service.Services.GetRequiredService<Learning>(), introductions, parking, TimeProvider.System, NullLogger<InboxLines>.Instance);
        var fact = new RegisterImported(Given.Origin with { Service = Owner }, 1, 1);
        var (former, last) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await introductions.AskedAsync(Owner, former, Ct);
        await introductions.AskedAsync(Owner, last, Ct);
        Assert.Equal([false, false, true], new Guid?[] { null, former, last }.Select(Counts));
        Assert.True(await introductions.EndedAsync(new(Consumer, Owner, last, 1), Ct));
        Assert.Equal([true, true, true], new Guid?[] { null, former, last }.Select(Counts));

        bool Counts(Guid? replay) => lines.Counts(new Delivery(fact, null, replay, null));
    }

    private sealed class Asked(TimeProvider clock) : ISendObserver
    {
        public ConcurrentQueue<(ReplayRequested Request, DateTimeOffset At, TimeSpan? Life)> Requests { get; } = [];

        public Task PreSend<T>(SendContext<T> context)
            where T : class
        {
            if (context.Message is ReplayRequested request) Requests.Enqueue((request, clock.GetUtcNow(), context.TimeToLive));
            return Task.CompletedTask;
        }

        public Task PostSend<T>(SendContext<T> context)
            where T : class => Task.CompletedTask;

        public Task SendFault<T>(SendContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }
}
