using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Ntm.Architecture.Tests;
using Ntm.Criteria.Tests.Periods;

namespace Ntm.Criteria.Tests;

/// <summary>What operations staff count: commands with their ends, every "no" whoever says it, lost races by kind.</summary>
public sealed class MetricsTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Figure = "/api/criteria/reports/2024-Q4/18073/indicators/8.4";
    private const string Own = "commune-officer@18073~2024-12-31#an";
    private const string Colleague = "commune-officer@18073~2024-12-31#binh";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly object Value = new { value = true, validOn = "2024-12-31" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_command_counts_with_its_end_and_each_no_with_its_rule()
    {
        await using var service = await CriteriaService.StartAsync(await postgres.CreateAsync());
        await service.PeriodAsync("2024-Q4", Given.EndOf2024);
        using var counted = new Counted(service);

        Assert.Equal(200, (await service.WriteAsync(HttpMethod.Put, Figure, Own, Value)).Status);
        Assert.Equal(422, (await service.WriteAsync(HttpMethod.Put, Figure, Own, new { value = "x", validOn = "2024-12-31" })).Status);
        Assert.Equal(403, (await service.WriteAsync(HttpMethod.Put, Figure, "commune-officer@18070~2024-12-31#an", Value)).Status);
        Assert.Equal(400, (await service.SendAsync(HttpMethod.Put, Figure, Own, Json("{ half"))).Status);
        Assert.Equal(400, (await service.GetAsync("/api/criteria/periods/2024-Q4?format=csv")).Status);
        Assert.Equal(400, (await service.GetAsync("/api/criteria/periods?after=a%00b")).Status);
        Assert.Equal(401, (await service.SendAsync(HttpMethod.Get, "/api/criteria/periods", Own, token: "rubbish")).Status);
        Assert.Equal(404, (await service.GetAsync("/api/criteria/nothing")).Status);

        await counted.UntilAsync("ntm.commands RecordIndicator 200", 1);
        await counted.UntilAsync("ntm.commands RecordIndicator 422", 1);
        await counted.UntilAsync("ntm.commands RecordIndicator 403", 1);
        await counted.UntilAsync("ntm.commands RecordIndicator 400", 1);
        Assert.Equal(4, counted.All.Where(c => c.Key.StartsWith("ntm.commands", StringComparison.Ordinal)).Sum(c => c.Value));
        var refusals = counted.All.Where(c => c.Key.StartsWith("ntm.refusals ", StringComparison.Ordinal)).ToList();
        foreach (var told in (string[])
            ["RecordIndicator 422 ", "RecordIndicator 403 ", "RecordIndicator 400 malformed-body", " 400 format-not-offered", " 400 malformed-query", " 401 unauthorized", "other 404 not-found"])
            Assert.Equal(1, Assert.Single(refusals, r => r.Key.Contains(told, StringComparison.Ordinal)).Value);
        Assert.Equal(7, refusals.Count);
    }

    [Fact]
    public async Task A_call_of_gRPC_is_no_command_and_its_no_counts_by_its_own_status()
    {
        await using var service = await CriteriaService.StartAsync(await postgres.CreateAsync());
        using var counted = new Counted(service);
        var call = Json("");
        call.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, "/test/grpc-refusal", Own, call)).Status);
        await counted.UntilAsync("ntm.refusals other 200 grpc-7", 1);
        Assert.Single(counted.All);
    }

    [Theory]
    [InlineData("group", Figure)]
    [InlineData("alone", "/api/criteria/periods/2024-Q4/close")]
    public async Task A_lost_race_counts_by_its_kind(string kind, string path)
    {
        var database = await postgres.CreateAsync();
        await using var one = await CriteriaService.StartAsync(database);
        await using var other = await CriteriaService.StartAsync(database);
        await one.PeriodAsync("2024-Q4", Given.EndOf2024);
        using Counted first = new(one), second = new(other);

        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Ct);
        // Both have read and neither can write: when the lock goes, one of them is late.
        await using var held = await connection.BeginTransactionAsync(Ct);
        await ExecuteAsync(connection, "lock table mt_events in share mode");
        var (method, clients, body) = kind == "group" ? (HttpMethod.Put, (Own, Colleague), Value) : (HttpMethod.Post, (Given.ProvinceOfficer, Given.ProvinceOfficer), new { });
        var answers = new[] { one.WriteAsync(method, path, clients.Item1, body), other.WriteAsync(method, path, clients.Item2, body) };
        await BothWaitAsync(database);
        await held.CommitAsync(Ct);
        Assert.Equal(200, (await Task.WhenAll(answers)).Min(a => a.Status));

        await Task.WhenAny(first.UntilAsync($"ntm.append.conflicts {kind}", 1), second.UntilAsync($"ntm.append.conflicts {kind}", 1)).Unwrap();
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Ct);
    }

    /// <summary>Looked at outside of a transaction, which would see the same all the time.</summary>
    private static async Task BothWaitAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
        var clock = TimeProvider.System;
        for (var start = clock.GetTimestamp(); (long)(await command.ExecuteScalarAsync(Ct))! < 2; await Task.Delay(20, Ct))
            Assert.True(clock.GetElapsedTime(start) < Patience, "Not both of them wait.");
    }

    /// <summary>The counters of one service: name and tags with their sums.</summary>
    private sealed class Counted : IDisposable
    {
        private readonly MeterListener listener = new();
        private readonly ConcurrentDictionary<string, long> sums = new(StringComparer.Ordinal);

        public Counted(CriteriaService service)
        {
            var meters = service.Services.GetRequiredService<IMeterFactory>();
            listener.InstrumentPublished = (instrument, heard) =>
            {
                if (instrument.Meter.Name == ServiceDefaults.TelemetryNames.Meter && ReferenceEquals(instrument.Meter.Scope, meters)) heard.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            {
                var of = tags.ToArray().ToDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal);
                var name = string.Join(' ', new[] { instrument.Name }.Concat(new[] { "command", "status", "rule", "kind" }.Where(of.ContainsKey).Select(t => $"{of[t]}")));
                sums.AddOrUpdate(name, value, (_, sum) => sum + value);
            });
            listener.Start();
        }

        public IReadOnlyDictionary<string, long> All => sums;

        /// <summary>A command counts when its answer is written, which its caller may have read before.</summary>
        public async Task UntilAsync(string name, long sum)
        {
            var clock = TimeProvider.System;
            for (var start = clock.GetTimestamp(); sums.GetValueOrDefault(name) != sum; await Task.Delay(10, Ct))
                Assert.True(clock.GetElapsedTime(start) < Patience, $"{name} is not {sum}: {string.Join("; ", sums.Select(s => $"{s.Key}: {s.Value}"))}");
        }

        public void Dispose() => listener.Dispose();
    }
}
