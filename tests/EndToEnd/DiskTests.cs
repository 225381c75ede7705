using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using MassTransit;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;

namespace Ntm.EndToEnd;

/// <summary>A disk is full: the caller is told, nothing is lost, and the work goes on by itself when there is room.</summary>
[Collection(OneOperatedHouse.Name)]
public sealed class DiskTests(OperatedHouse house, SmallDisk disk) : IClassFixture<SmallDisk>, IAsyncDisposable
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    public ValueTask DisposeAsync() => Proof.MustHoldAfterTestAsync(house);

    [Fact]
    public async Task A_broker_without_room_refuses_no_command_and_the_announcements_come_later()
    {
        disk.Free();
        const string unit = "18676";
        var report = Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), unit);
        await LimitAsync("1000000000000000");
        try
        {
            await Until.TrueAsync(() => house.LogOf("rabbitmq").Contains("disk resource limit alarm set", StringComparison.Ordinal), "the broker blocks publishers");
            (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(unit), new { value = true, validOn = Scene.TwoTiers })).Must(200);
            (await api.PostAsync($"{report}/submit", Who.Commune(unit), new { incompleteBecause = "thử" })).Must(200);
            (await api.PostAsync($"{report}/approve", Who.Coordinator)).Must(200);
            Assert.Equal(0, await ToldAsync(unit, report, "report-approved"));
            using var desk = new Operator(house);
            await Until.TrueAsync(
                async () => (await desk.OneAsync("rabbitmq")).HealthReports.Any(r => r is { Key: "alarms", Status: AppHost.Local.Protocol.HealthStatus.Degraded } && r.Description.Contains("disk space", StringComparison.Ordinal)),
                "the dashboard says why");
        }
        finally
        {
            await LimitAsync("200MB");
        }

        await Until.TrueAsync(async () => await ToldAsync(unit, report, "report-approved") == 1, "the approval is announced", Recovery);
        Assert.Equal(1, await ToldAsync(unit, report, "report-submitted"));
    }

    [Fact]
    public async Task A_full_store_is_said_clearly_and_works_again_when_there_is_room()
    {
        disk.Free();
        const string unit = "18682";
        var report = Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), unit);
        (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(unit), new { value = true, validOn = Scene.TwoTiers })).Must(200);
        await Until.TrueAsync(async () => (await api.GetAsync("/api/notifications/inbox", Who.Commune(unit))).Status == 200, "the inbox answers");
        disk.Fill();

        // The pages that are there take a little more; then a file would have to grow.
        Answer? full = null;
        await Until.TrueAsync(
            async () =>
            {
                var answer = await WriteAsync(report, unit);
                Assert.Contains(answer.Status, (int[])[200, 503]);
                return (full = answer).Status == 503;
            },
            "the disk is full", Recovery);
        Assert.Equal("storage-full", full!.Rule);
        Assert.NotNull(full.Headers.RetryAfter?.Delta);
        (await api.GetAsync(report, Who.Commune(unit))).Must(200);
        (await api.GetAsync("/open-data/recognitions")).Must(200);

        // A consumer that learns something meanwhile keeps it until there is room.
        var facts = await AnnounceAsync(40);
        await Until.TrueAsync(
            () => house.LogOf("notifications").Contains("53100", StringComparison.Ordinal) || house.LogOf("postgres").Contains("mt_doc_inbox", StringComparison.Ordinal),
            "the consumer meets the full disk");
        Assert.InRange(await KeptAsync(facts), 0, 39);
        disk.Free();
        await Until.TrueAsync(async () => (await WriteAsync(report, unit)).Status == 200, "writes are taken again", Recovery);
        (await api.PostAsync($"{report}/submit", Who.Commune(unit), new { incompleteBecause = "thử" })).Must(200);
        await Until.TrueAsync(async () => await ToldAsync(unit, report, "report-submitted") == 1, "the subscription goes on", Recovery);
        await Until.TrueAsync(async () => await KeptAsync(facts) == 40, "the consumer has lost nothing", Recovery);
    }

    [Fact]
    public async Task A_store_that_cannot_write_its_log_comes_back_by_itself_when_there_is_room()
    {
        disk.Free();
        const string unit = "18685";
        var report = Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), unit);
        (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(unit), new { value = true, validOn = Scene.TwoTiers })).Must(200);
        disk.Fill();
        var panic = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var server = await Db.OpenAsync(house.Database("postgres"));
            for (var n = 0; n < 1000; n++) await server.ExecuteAsync("select pg_logical_emit_message(true, 'fill', repeat(md5(random()::text), 30000))");
        });
        Assert.True(panic is Npgsql.NpgsqlException, panic.ToString());
        await Until.TrueAsync(() => house.LogOf("postgres").Contains("PANIC", StringComparison.Ordinal), "the server gives up");
        var answer = await WriteAsync(report, unit);
        Assert.Contains(answer.Rule, (string[])["storage-full", "unavailable"]);
        Assert.Equal(503, answer.Status);
        Assert.NotNull(answer.Headers.RetryAfter?.Delta);

        disk.Free();
        await Until.TrueAsync(async () => (await WriteAsync(report, unit)).Status == 200, "writes are taken again", Recovery);
        (await api.PostAsync($"{report}/submit", Who.Commune(unit), new { incompleteBecause = "thử" })).Must(200);
        await Until.TrueAsync(async () => await ToldAsync(unit, report, "report-submitted") == 1, "the subscription goes on", Recovery);
        Assert.Equal(1, (await api.GetAsync(report, Who.Commune(unit))).Must(200)["indicators"].EnumerateArray().Count(i => i.GetProperty("status").GetString() == "recorded"));
    }

    private Task<Answer> WriteAsync(string report, string unit) => api.PutAsync(
        $"{report}/indicators/1.1", Who.Commune(unit), new { value = true, validOn = Scene.TwoTiers, note = Convert.ToHexString(RandomNumberGenerator.GetBytes(1500)) });

    private async Task<int> ToldAsync(string unit, string report, string kind)
    {
        var inbox = await api.GetAsync("/api/notifications/inbox?limit=200", Who.Commune(unit));
        return inbox.Status != 200 ? 0 : inbox["items"].EnumerateArray().Count(e => e.GetProperty("kind").GetString() == kind && e.GetProperty("link").GetString() == report);
    }

    /// <summary>The limit below which the broker blocks whoever publishes.</summary>
    private async Task LimitAsync(string limit)
    {
        var ports = JsonSerializer.Deserialize<Dictionary<string, int>>(await File.ReadAllTextAsync(Path.Combine(house.Folder, "ports.json")))!;
        var (code, output) = await Shell.TryAsync("/usr/lib/rabbitmq/bin/rabbitmqctl", ["-n", "ntm@localhost", "set_disk_free_limit", limit], new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = Path.Combine(house.Folder, "rabbitmq"),
            ["ERL_EPMD_PORT"] = ports["rabbitmq-epmd"].ToString(CultureInfo.InvariantCulture),
        });
        Assert.True(code == 0, output);
    }

    private async Task<string> AnnounceAsync(int count)
    {
        var name = $"disk-{Guid.CreateVersion7():N}";
        var bus = Bus.Factory.CreateUsingRabbitMq(c =>
        {
            c.Host(house.Broker());
            c.Publish<IIntegrationEvent>(m => m.Exclude = true);
        });
        await bus.StartAsync(TestContext.Current.CancellationToken);
        try
        {
            for (var n = 1; n <= count; n++)
            {
                var unit = new UnitRef(Guid.CreateVersion7(), "18999", "Xã Thử");
                var origin = new Origin("criteria", $"report/{name}/{unit.Id}", n, n, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow(), "an", "test", Demonstration: false);
                await bus.Publish(new ReportSubmitted(origin, new(unit, name, Scene.Set, new(2025, 12, 31), "submitted", n, null, null, [], [])), TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            await bus.StopAsync(CancellationToken.None);
        }

        return name;
    }

    private async Task<long> KeptAsync(string name)
    {
        await using var store = await Db.OpenAsync(house.Database("notifications"));
        return await store.NumberAsync($"select count(*) from mt_doc_inboxmark where id like '%/report/{name}/%'");
    }
}

/// <summary>PostgreSQL's folder on a file system of its own that has a few MB left, until the end of the class; after which the house is proved.</summary>
public sealed class SmallDisk : IAsyncLifetime
{
    private readonly OperatedHouse house;
    private readonly string folder;
    private readonly string aside;
    private bool mounted;

    public SmallDisk(OperatedHouse house)
    {
        (this.house, folder) = (house, Path.Combine(house.Folder, "postgres"));
        aside = folder + ".aside";
    }

    private string Ballast => Path.Combine(folder, "ballast");

    public async ValueTask InitializeAsync()
    {
        await house.StopAsync();
        try
        {
            var used = long.Parse((await Shell.RunAsync("du", "-sk", folder)).Split('\t')[0], CultureInfo.InvariantCulture);
            Directory.Move(folder, aside);
            Directory.CreateDirectory(folder);
            var (code, output) = await Shell.TryAsync("mount", ["-t", "tmpfs", "-o", $"size={used + 256 * 1024}k,mode=700", "tmpfs", folder]);
            Assert.True(code == 0, $"These tests fill a small disk, and need the right to mount one (root): {output}");
            mounted = true;
            await Shell.RunAsync("cp", "-a", aside + "/.", folder);
            await house.StartAsync();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public void Fill()
    {
        using var file = File.OpenWrite(Ballast);
        var block = new byte[64 * 1024];
        try
        {
            while (true)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // No room is left, which is what was wanted: the free space is checked below.
            Assert.True(new DriveInfo(folder).AvailableFreeSpace < block.Length);
        }
    }

    public void Free() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        await house.StopAsync();
        if (mounted)
        {
            Free();
            await Shell.RunAsync("rm", "-rf", aside);
            await Shell.RunAsync("cp", "-a", folder, aside);
            await Shell.RunAsync("umount", folder);
        }

        if (Directory.Exists(aside))
        {
            Directory.Delete(folder, recursive: true);
            Directory.Move(aside, folder);
        }

        await house.StartAsync();
        await Proof.MustHoldAsync(house);
    }
}
