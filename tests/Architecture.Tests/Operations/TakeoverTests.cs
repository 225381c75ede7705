using JasperFx.Events.Daemon;
using Marten;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Ntm.Architecture.Tests.Examples.Inspections;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>The subscriptions go from one replica to the other, whatever the former owner has in hand.</summary>
public sealed class TakeoverTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Holder = "select pid from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())";
    private const string Progress = "select coalesce(max(last_seq_id), 0) from mt_event_progression where name = 'outbox:All'";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan GivenUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Takeover = TimeSpan.FromSeconds(10);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_owner_that_is_asked_to_stop_or_has_lost_its_lock_gives_up_what_the_broker_does_not_confirm_and_the_next_one_announces_it(bool asked)
    {
        var database = await postgres.CreateAsync();
        using IHost one = AnnouncingHost.Build(database), other = AnnouncingHost.Build(database);
        await one.Services.GetRequiredService<IDocumentStore>().Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        Guid[] units = [await RecordAsync(one), await RecordAsync(one)];
        var late = new TaskCompletionSource();
        var (silent, heard) = (await StartAsync(one, late.Task), await StartAsync(other, Task.CompletedTask));
        // Its clock stands still: it does not try to have the lock again before the other does.
        using Subscriptions former = Owner(one, database, new FakeTimeProvider()), next = Owner(other, database, TimeProvider.System);
        await former.StartAsync(Ct);
        await UntilAsync(() => silent.Begun.Count > 0, Patience, "a page is in hand");
        await next.StartAsync(Ct);

        var clock = TimeProvider.System;
        var began = clock.GetTimestamp();
        if (asked) await former.StopAsync(Ct);
        else await NumberAsync(database, $"select count(*) from (select pg_terminate_backend(pid) from ({Holder}) h) t");
        await UntilAsync(() => !former.Owns && Daemon(one).CurrentAgents().Count == 0, GivenUp - clock.GetElapsedTime(began), "it is given up");
        Assert.Equal(0, await NumberAsync(database, Progress));
        // Whatever the broker says now comes too late for the former owner.
        late.SetResult();

        await UntilAsync(() => next.Owns, Takeover - clock.GetElapsedTime(began), "the next one owns them");
        await UntilAsync(async () => await NumberAsync(database, Progress) == units.Length, Patience, "the next one has announced");
        Assert.Equal(units.Order(), heard.Units.Order());
        Assert.Empty(silent.Units);
        // What the broker may have taken from both is one message to whoever learns it.
        Assert.Subset(heard.Begun.ToHashSet(), silent.Begun.ToHashSet());
        await next.StopAsync(Ct);
        await former.StopAsync(Ct);
    }

    [Fact]
    public async Task A_subscription_whose_progress_a_former_owner_has_moved_late_goes_on_from_there()
    {
        var database = await postgres.CreateAsync();
        using var host = AnnouncingHost.Build(database);
        await host.Services.GetRequiredService<IDocumentStore>().Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await RecordAsync(host);
        var announced = await StartAsync(host, Task.CompletedTask);
        using var subscriptions = Owner(host, database, TimeProvider.System);
        await subscriptions.StartAsync(Ct);
        await UntilAsync(async () => await NumberAsync(database, Progress) == 1, Patience, "the first event is announced");

        var confirmed = new TaskCompletionSource();
        announced.Confirms = confirmed.Task;
        await RecordAsync(host);
        await UntilAsync(() => announced.Begun.Count == 2, Patience, "the second one is in hand");
        await NumberAsync(database, "update mt_event_progression set last_seq_id = 2 where name = 'outbox:All' returning 1");
        confirmed.SetResult();
        var third = await RecordAsync(host);
        await UntilAsync(() => announced.Units.Contains(third), Patience, "the third one is announced");
        await UntilAsync(async () => await NumberAsync(database, Progress) == 3, Patience, "its progress is kept");
        await subscriptions.StopAsync(Ct);
    }

    private static Subscriptions Owner(IHost host, string database, TimeProvider clock) => new(
        AnnouncingHost.Name, new ConfigurationManager { [$"ConnectionStrings:{AnnouncingHost.Name}"] = database }, host.Services.GetRequiredService<IProjectionCoordinator>(), clock,
        NullLogger<Subscriptions>.Instance, turn: host.Services.GetRequiredService<OutboxTurn>());

    private static IProjectionDaemon Daemon(IHost host) => host.Services.GetRequiredService<IProjectionCoordinator>().DaemonForMainDatabase();

    private static async Task<Announced> StartAsync(IHost host, Task confirms)
    {
        var announced = new Announced { Confirms = confirms };
        host.Services.GetRequiredService<IBusControl>().ConnectPublishObserver(announced);
        await host.StartAsync(Ct);
        return announced;
    }

    private static async Task<Guid> RecordAsync(IHost host)
    {
        var held = AnnouncingHost.Held();
        await using var session = host.Services.GetRequiredService<IDocumentStore>().LightweightSession();
        session.Events.StartStream(Inspection.Key(held.Id), held);
        await session.SaveChangesAsync(Ct);
        return held.Id;
    }

    private static async Task<long> NumberAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(Ct), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static Task UntilAsync(Func<bool> condition, TimeSpan patience, string what) => UntilAsync(() => Task.FromResult(condition()), patience, what);

    private static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan patience, string what)
    {
        var clock = TimeProvider.System;
        for (var start = clock.GetTimestamp(); !await condition(); await Task.Delay(20, Ct)) Assert.True(clock.GetElapsedTime(start) < patience, what);
    }
}
