using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>What a service says of itself, asked again and again, on a real PostgreSQL.</summary>
public sealed class HealthTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mark_that_stands_behind_what_was_appended_degrades_the_service_until_it_moves()
    {
        var database = await postgres.CreateAsync();
        await using var service = new CriteriaHost(database, clock);
        await service.ApplySchemaAsync();
        await using var none = await StartedAsync(await postgres.CreateAsync());
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(service.Services, "store")).Status);

        await AppendAsync(service.Services, 1);
        await AppendAsync(service.Services, 2);
        await AppendAsync(none.Services, 1);
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(none.Services, "store")).Status);
        clock.Advance(TimeSpan.FromMinutes(10));
        // Nobody asked meanwhile: since when it stands is not known yet.
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(service.Services, "store")).Status);
        clock.Advance(TimeSpan.FromSeconds(31));
        var standing = await AskAsync(service.Services, "store");
        Assert.Equal(HealthStatus.Degraded, standing.Status);
        // Nobody subscribes there: there is no mark.
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(none.Services, "store")).Status);
        Assert.Contains("stands at 0, 2 were appended", standing.Description, StringComparison.Ordinal);

        await ExecuteAsync(database, "insert into mt_event_progression (name, last_seq_id) values ('HighWaterMark', 1)");
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(service.Services, "store")).Status);
        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(HealthStatus.Degraded, (await AskAsync(service.Services, "store")).Status);
        await ExecuteAsync(database, "update mt_event_progression set last_seq_id = 2");
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(service.Services, "store")).Status);
    }

    [Fact]
    public async Task A_register_that_was_learned_once_is_not_counted_again()
    {
        await using var service = await StartedAsync(await postgres.CreateAsync());
        Assert.Equal(HealthStatus.Unhealthy, (await AskAsync(service.Services, "register")).Status);
        await AppendAsync(service.Services, 1, units: 0);
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(service.Services, "register")).Status);
        await AppendAsync(service.Services, 2, units: 5);
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(service.Services, "register")).Status);
    }

    [Fact]
    public async Task A_full_disk_degrades_the_service_until_something_is_written_again()
    {
        var database = await postgres.CreateAsync();
        await using var service = await StartedAsync(database);
        await ExecuteAsync(
            database,
            """
            create function full_disk() returns trigger language plpgsql as $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$;
            create trigger full_disk before insert on mt_events for each row execute function full_disk();
            """);
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => AppendAsync(service.Services, 1));
        Assert.True(StoreAway.IsFull(refused), refused.ToString());
        var full = await AskAsync(service.Services, "store");
        Assert.Equal(HealthStatus.Degraded, full.Status);
        Assert.StartsWith("storage full", full.Description, StringComparison.Ordinal);

        await ExecuteAsync(database, "drop trigger full_disk on mt_events");
        await using (var session = service.Part<IDocumentStore>().QuerySession()) Assert.Empty(await session.Query<UnitRecord>().ToListAsync(Ct));
        Assert.Equal(HealthStatus.Degraded, (await AskAsync(service.Services, "store")).Status);
        await AppendAsync(service.Services, 1);
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(service.Services, "store")).Status);
    }

    [Fact]
    public async Task Every_counter_is_there_before_it_counts_for_the_first_time()
    {
        ConcurrentBag<(object? Scope, string Name, long Value)> heard = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, me) =>
        {
            if (instrument.Meter.Name == TelemetryNames.Meter) me.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            heard.Add((instrument.Meter.Scope, $"{instrument.Name} {string.Join(' ', tags.ToArray().Where(t => t.Key != "status").Select(t => t.Value))}", value)));
        listener.Start();
        await using var service = new NotificationsHost(await postgres.CreateAsync());
        var meters = service.Part<IMeterFactory>();

        var (contracts, names) = (Topology.Listeners["notifications"], heard.Where(h => h.Scope == meters).Select(h => h.Name).ToHashSet(StringComparer.Ordinal));
        Assert.All(heard.Where(h => h.Scope == meters), h => Assert.Equal(0, h.Value));
        Assert.Equal(
            ((string[])["ntm.commands other", "ntm.refusals storage-full other", "ntm.refusals unavailable other", "ntm.append.conflicts alone", "ntm.append.conflicts group"])
                .Concat(contracts.Select(c => $"ntm.facts.old {c.Name}")).Concat(contracts.Select(c => $"ntm.messages.parked {Topology.NameOf(c)}")).Order(StringComparer.Ordinal),
            names.Order(StringComparer.Ordinal));
    }

    private async Task<NotificationsHost> StartedAsync(string database)
    {
        var service = new NotificationsHost(database, clock);
        await service.ApplySchemaAsync();
        return service;
    }

    private static async Task AppendAsync(IServiceProvider services, int position, int units = 0)
    {
        await using var session = services.GetRequiredService<IDocumentStore>().LightweightSession();
        var origin = new Origin("criteria", "register", position, position, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow(), "an", "test", Demonstration: false);
        session.Events.StartStream($"test/{position}", new RegisterImported(origin, units, 0));
        await session.SaveChangesAsync(Ct);
    }

    private static async Task<HealthReportEntry> AskAsync(IServiceProvider services, string check) =>
        (await services.GetRequiredService<HealthCheckService>().CheckHealthAsync(registration => registration.Name == check, Ct)).Entries[check];

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }
}
