using JasperFx.Events.Daemon;
using Marten;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Ntm.Architecture.Tests.Examples.Inspections;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>The subscription stands still before an event that it cannot read, says so, and goes on when it can.</summary>
public sealed class StandstillTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2, "type = 'inspection-reopened.v9', mt_dotnet_type = 'Ntm.Gone.Reopened, Ntm.Gone'", "before event 2 (inspection-reopened.v9): UnknownEventType")]
    [InlineData(3, "data = '{\"by\":[]}'", "before event 3 (inspection-held.v2): EventSerialization")]
    public async Task An_event_that_is_unknown_or_is_announced_and_cannot_be_read_is_not_passed_over(int position, string broken, string told)
    {
        var database = await postgres.CreateAsync();
        using var host = AnnouncingHost.Build(database);
        var store = host.Services.GetRequiredService<IDocumentStore>();
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        var (first, second) = (AnnouncingHost.Held(), AnnouncingHost.Held());
        await using (var session = store.LightweightSession())
        {
            session.Events.StartStream(Inspection.Key(first.Id), first, new InspectionAnswered("Đã sửa", "an", first.At));
            await session.SaveChangesAsync(Ct);
            session.Events.StartStream(Inspection.Key(second.Id), second);
            await session.SaveChangesAsync(Ct);
        }

        await ExecuteAsync(database, "create table whole as select * from mt_events");
        await ExecuteAsync(database, $"update mt_events set {broken} where seq_id = {position}");

        await AnnouncingAsync(host, async announced =>
        {
            await UntilAsync(async () => (await HealthAsync(host)).Description?.Contains(told, StringComparison.Ordinal) == true, async () => (await HealthAsync(host)).Description);
            Assert.Equal(HealthStatus.Degraded, (await HealthAsync(host)).Status);
            Assert.Equal(0L, await ScalarAsync(database, "select coalesce(max(last_seq_id), 0) from mt_event_progression where name = 'outbox:All'"));
            Assert.DoesNotContain(second.Id, announced.Units);

            await ExecuteAsync(database, "update mt_events e set type = w.type, mt_dotnet_type = w.mt_dotnet_type, data = w.data from whole w where w.seq_id = e.seq_id");
            await UntilAsync(() => Task.FromResult(announced.Units.Count == 2), () => Task.FromResult<string?>(string.Join(", ", announced.Units)));
            Assert.Equal([first.Id, second.Id], announced.Units);
            await UntilAsync(async () => (await HealthAsync(host)).Status == HealthStatus.Healthy, async () => (await HealthAsync(host)).Description);
        });
    }

    [Fact]
    public async Task An_event_of_an_older_version_is_announced_like_any_other()
    {
        var database = await postgres.CreateAsync();
        using var host = AnnouncingHost.Build(database);
        var store = host.Services.GetRequiredService<IDocumentStore>();
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        var (old, young) = (AnnouncingHost.Held(), AnnouncingHost.Held());
        await using (var session = store.LightweightSession())
        {
            session.Events.StartStream(Inspection.Key(old.Id), old);
            session.Events.StartStream(Inspection.Key(young.Id), young);
            await session.SaveChangesAsync(Ct);
        }

        await ExecuteAsync(
            database,
            $"""
            update mt_events set type = 'inspection-held.v1', mt_dotnet_type = '{typeof(InspectionHeldV1).FullName}, {typeof(InspectionHeldV1).Assembly.GetName().Name}', data = data - 'result' || jsonb_build_object('passed', true)
            where stream_id = '{Inspection.Key(old.Id)}'
            """);
        await AnnouncingAsync(host, async announced =>
        {
            await UntilAsync(() => Task.FromResult(announced.Units.Count == 2), async () => $"{string.Join(", ", announced.Units)} {(await HealthAsync(host)).Description}");
            Assert.Equal(((Guid[])[old.Id, young.Id]).Order(), announced.Units.Order());
        });
    }

    /// <summary>No event tells the type that the store notes of a stream, so the check leaves it alone: it must not matter.</summary>
    [Fact]
    public async Task The_type_that_is_noted_of_a_stream_decides_nothing()
    {
        var database = await postgres.CreateAsync();
        using var host = AnnouncingHost.Build(database);
        var store = host.Services.GetRequiredService<IDocumentStore>();
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        var held = AnnouncingHost.Held();
        var key = Inspection.Key(held.Id);
        await using (var session = store.LightweightSession())
        {
            session.Events.StartStream(key, held);
            await session.SaveChangesAsync(Ct);
        }

        await ExecuteAsync(database, "update mt_streams set type = 'nobody'");
        await AnnouncingAsync(host, async announced =>
        {
            await using (var session = store.LightweightSession())
            {
                var stream = await session.Events.FetchForWriting<Inspection>(key, Ct);
                stream.AppendMany(new InspectionAnswered("Đã sửa", "an", held.At), held);
                await session.SaveChangesAsync(Ct);
                Assert.Equal(3, (await session.Events.FetchStreamStateAsync(key, Ct))!.Version);
                Assert.Equal(held.Id, (await session.Events.AggregateStreamAsync<Inspection>(key, token: Ct))!.InspectionId);
                Assert.Equal(held.Id, (await session.LoadAsync<Inspection>(key, Ct))!.InspectionId);
            }

            await UntilAsync(() => Task.FromResult(announced.Units.Count == 2), async () => (await HealthAsync(host)).Description);
            Assert.Equal("nobody", await ScalarAsync(database, "select type from mt_streams"));
        });
    }

    /// <summary>Looks on while the host's subscription announces, and stops both whatever is seen.</summary>
    private static async Task AnnouncingAsync(IHost host, Func<Announced, Task> look)
    {
        var announced = new Announced();
        host.Services.GetRequiredService<IBusControl>().ConnectPublishObserver(announced);
        await host.StartAsync(Ct);
        var daemon = host.Services.GetRequiredService<IProjectionCoordinator>();
        await daemon.ResumeAsync();
        try
        {
            await look(announced);
        }
        finally
        {
            await daemon.PauseAsync();
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<HealthReportEntry> HealthAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Ct)).Entries["outbox"];

    private static async Task UntilAsync(Func<Task<bool>> condition, Func<Task<string?>> explain)
    {
        var clock = TimeProvider.System;
        for (var start = clock.GetTimestamp(); !await condition(); await Task.Delay(20, Ct))
            Assert.True(clock.GetElapsedTime(start) < Patience, await explain());
    }

    private static async Task ExecuteAsync(string database, string sql) => await ScalarAsync(database, sql);

    private static async Task<object?> ScalarAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Ct);
    }
}
