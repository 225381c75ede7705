using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using JasperFx.Events.Daemon;
using Marten;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Recognitions;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Tests;

/// <summary>Who owns the subscriptions of a service, and how it tells how they stand.</summary>
public sealed class SubscriptionTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Name = "appraisal";
    private const string Holder = "select pid from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_takes_the_subscriptions_over_waits_until_the_former_owner_has_noticed()
    {
        var database = await postgres.CreateAsync();
        using IHost one = Service(database), other = Service(database);
        await one.Services.GetRequiredService<IDocumentStore>().Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        var (firsts, seconds) = (new FakeTimeProvider(), new Counted());
        using Subscriptions former = Owner(one, database, firsts), next = Owner(other, database, seconds);
        await former.StartAsync(Ct);
        await UntilAsync(() => former.Owns, "nobody was seen to own them, so nobody is waited for");
        var held = await NumberAsync(database, Holder);
        await next.StartAsync(Ct);
        await UntilAsync(() => seconds.Waits == 1, "the next one has seen that they are owned");

        await NumberAsync(database, $"select count(*) from (select pg_terminate_backend({held})) t");
        await UntilAsync(() => !former.Owns, "the former owner lets go without its clock's going on");
        await UntilAsync(
            async () =>
            {
                if (await NumberAsync(database, Holder) is not null) return true;
                seconds.Advance(TimeSpan.FromSeconds(1));
                return false;
            },
            "the next one has the lock");
        Assert.False(next.Owns);
        await UntilAsync(
            () =>
            {
                seconds.Advance(TimeSpan.FromMilliseconds(100));
                return next.Owns;
            },
            "it owns them after its wait");
        await next.StopAsync(Ct);
        await former.StopAsync(Ct);
    }

    [Fact]
    public async Task Who_owns_the_subscriptions_no_more_is_not_degraded_by_what_it_was_stuck_at()
    {
        var database = await postgres.CreateAsync();
        using var host = Service(database);
        await RecordAsync(host, 2);
        await NumberAsync(database, "update mt_events set type = 'gone.v9', mt_dotnet_type = 'Ntm.Gone, Ntm.Gone' where seq_id = 1 returning 1");
        using var subscriptions = Owner(host, database, TimeProvider.System, host.Services.GetRequiredService<OutboxHealth>());
        await host.StartAsync(Ct);
        await subscriptions.StartAsync(Ct);
        await UntilAsync(async () => await StatusAsync(host) == HealthStatus.Degraded, "the owner says that it is stuck");
        await subscriptions.StopAsync(Ct);
        Assert.Equal(HealthStatus.Healthy, await StatusAsync(host));
        await host.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task The_gauges_tell_the_lag_of_each_subscription_and_nothing_while_the_database_is_away_whatever_the_broker_does()
    {
        var database = await postgres.CreateAsync();
        using var host = Service(database);
        await RecordAsync(host, 3);
        // It accepts and never says a word.
        using var frozen = new TcpListener(IPAddress.Loopback, 0);
        frozen.Start();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1));
        await using var plain = await AppraisalService.StartAsync(database);
        using var subscriptions = Owner(host, database, clock, daemon: plain.Services.GetRequiredService<IProjectionCoordinator>());
        await subscriptions.StartAsync(Ct);
        await UntilAsync(() => subscriptions.Owns, "the subscriptions are owned");
        await NumberAsync(database, "insert into mt_event_progression (name, last_seq_id) values ('eligibility:All', 3), ('HighWaterMark', 3), ('gone:All', 1) returning 1");

        using var gauges = new Gauges(host);
        using var watch = Watch(host, subscriptions, clock, $"amqp://guest:guest@{frozen.LocalEndpoint}/");
        var began = TimeProvider.System.GetTimestamp();
        var state = await watch.LookAsync(Ct);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(4));
        Assert.Equal(["basis", "eligibility", "outbox"], state.Subscriptions.Select(s => s.Name));
        Assert.Equal([3, 0, 3], state.Subscriptions.Select(s => s.Events));
        Assert.Equal((3L, state.Subscriptions[2].Seconds, null), (state.LagEvents, state.LagSeconds, state.QueueDepth));
        Assert.Empty(state.Queues);

        await watch.StartAsync(Ct);
        Dictionary<string, double> told = [];
        await UntilAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return (told = gauges.Now()).Count > 0;
            },
            "the gauges tell");
        Assert.Equal((3, 0, 3), (told["ntm.subscription.lag.events outbox"], told["ntm.subscription.lag.events eligibility"], told["ntm.subscription.lag.events basis"]));
        Assert.InRange(told["ntm.subscription.lag.seconds outbox"], 3_500, 4_000);
        Assert.Equal(0, told["ntm.subscription.lag.seconds eligibility"]);
        Assert.Equal(0, told["ntm.parked "]);
        Assert.DoesNotContain(told.Keys, k => k.StartsWith("ntm.queue.depth", StringComparison.Ordinal));

        await CutAsync(database);
        await UntilAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return gauges.Now().Count == 0;
            },
            "what was seen before is not told again");
        await watch.StopAsync(CancellationToken.None);
        await subscriptions.StopAsync(CancellationToken.None);
    }

    private static IHost Service(string database)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration[$"ConnectionStrings:{Name}"] = database;
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(new Demonstration(On: false)).AddSingleton<HouseMetrics>().AddSingleton(Given.Book).AddSingleton<EligibilityKeeper>();
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingInMemory();
        });
        var store = builder.AddNtmStore(Name, options => options.AddStoredEvents().AddRecognitions().AddEligibility().KeepFactsOf(Name));
        store.AddNtmOutbox(builder, new IntegrationMap(Name).On<TitleReleased>((_, _, _) => Task.FromResult<IReadOnlyList<IIntegrationEvent>>([])));
        store.AddEligibilityWatch();
        store.AddBasisWatch();
        return builder.Build();
    }

    private static Subscriptions Owner(IHost host, string database, TimeProvider clock, OutboxHealth? health = null, IProjectionCoordinator? daemon = null) => new(
        Name, new ConfigurationManager { [$"ConnectionStrings:{Name}"] = database }, daemon ?? host.Services.GetRequiredService<IProjectionCoordinator>(), clock,
        NullLogger<Subscriptions>.Instance, health: health);

    private static SubscriptionWatch Watch(IHost host, Subscriptions subscriptions, TimeProvider clock, string broker)
    {
        var (store, metrics) = (host.Services.GetRequiredService<IDocumentStore>(), host.Services.GetRequiredService<HouseMetrics>());
        var lines = new InboxLines(
            new Learning(store, host.Services.GetRequiredService<UnitRegister>(), metrics), new Introductions(Name, store, clock),
            new Parking(Name, store, clock, metrics, NullLogger<Parking>.Instance), clock, NullLogger<InboxLines>.Instance);
        return new(
            Name, store, host.Services.GetRequiredService<NpgsqlDataSource>(), subscriptions, lines, metrics, new ConfigurationManager { ["ConnectionStrings:broker"] = broker }, clock,
            NullLogger<SubscriptionWatch>.Instance);
    }

    private static async Task RecordAsync(IHost host, int events)
    {
        var store = host.Services.GetRequiredService<IDocumentStore>();
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await using var session = store.LightweightSession();
        session.Events.StartStream("title/one", [.. Enumerable.Repeat<object>(new TitleReleased(Guid.CreateVersion7(), "po", Given.Now), events)]);
        await session.SaveChangesAsync(Ct);
    }

    private static async Task<HealthStatus> StatusAsync(IHost host) => (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Ct)).Entries["outbox"].Status;

    /// <summary>From here on nobody gets into the database.</summary>
    private static async Task CutAsync(string database)
    {
        var settings = new NpgsqlConnectionStringBuilder(database) { Pooling = false };
        var name = settings.Database;
        settings.Database = "postgres";
        await NumberAsync(settings.ConnectionString, $"alter database {name} allow_connections false");
        await NumberAsync(settings.ConnectionString, $"select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '{name}'");
    }

    private static async Task<long?> NumberAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false, ApplicationName = "test" }.ConnectionString);
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Ct) is { } value and not DBNull ? Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture) : null;
    }

    private static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var clock = TimeProvider.System;
        for (var start = clock.GetTimestamp(); !await condition(); await Task.Delay(20, Ct)) Assert.True(clock.GetElapsedTime(start) < Patience, what);
    }

    private sealed class Counted : FakeTimeProvider
    {
        private int waits;

        public int Waits => Volatile.Read(ref waits);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Interlocked.Increment(ref waits);
            return timer;
        }
    }

    /// <summary>What the gauges of one service tell when they are asked: name and tag with their value.</summary>
    private sealed class Gauges : IDisposable
    {
        private readonly MeterListener listener = new();
        private readonly ConcurrentDictionary<string, double> told = new(StringComparer.Ordinal);

        public Gauges(IHost host)
        {
            var meters = host.Services.GetRequiredService<IMeterFactory>();
            _ = host.Services.GetRequiredService<HouseMetrics>();
            listener.InstrumentPublished = (instrument, heard) =>
            {
                if (instrument.Meter.Name == TelemetryNames.Meter && ReferenceEquals(instrument.Meter.Scope, meters)) heard.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => told[$"{instrument.Name} {(tags.IsEmpty ? "" : tags[0].Value)}"] = value);
            listener.Start();
        }

        public Dictionary<string, double> Now()
        {
            told.Clear();
            listener.RecordObservableInstruments();
            return new(told, StringComparer.Ordinal);
        }

        public void Dispose() => listener.Dispose();
    }
}
