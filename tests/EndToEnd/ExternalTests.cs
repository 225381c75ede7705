using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Npgsql;
using Ntm.Contracts;

namespace Ntm.EndToEnd;

/// <summary>A second house beside the first, on ports of its own (<c>--port-base</c>) and on servers that are not its own (<c>--infra external</c>).</summary>
[Collection(OneOperatedHouse.Name)]
public sealed class ExternalTests(OperatedHouse house) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Proof.MustHoldAfterTestAsync(house);

    [Fact]
    public async Task A_second_house_runs_beside_the_first_on_servers_that_are_not_its_own()
    {
        const string unit = "18133";
        await using var servers = await ForeignServers.StartAsync();
        // Who is not let in is told why, in one sentence.
        var (code, output) = await ForeignServers.TryStartAsync(servers.Settings(password: "wrong"));
        Assert.Equal(1, code);
        Assert.Contains("refused: password authentication failed for user \"postgres\"", output, StringComparison.Ordinal);
        (code, output) = await ForeignServers.TryStartAsync(servers.Settings().Where(s => s.Key != "NTM_RABBITMQ_MANAGEMENT"));
        Assert.Equal(1, code);
        Assert.StartsWith("--infra external: NTM_RABBITMQ_MANAGEMENT must be", output, StringComparison.Ordinal);

        var guest = new GuestHouse(servers.Settings());
        try
        {
            await guest.InitializeAsync();
            (await guest.Api.GetAsync("/health/system")).Must(200);
            var report = Scene.Report(await new Scene(guest.Api).PeriodAsync(Scene.TwoTiers), unit);
            (await guest.Api.PutAsync($"{report}/indicators/1.1", Who.Commune(unit), new { value = true, validOn = Scene.TwoTiers })).Must(200);
            (await guest.Api.PostAsync($"{report}/submit", Who.Commune(unit), new { incompleteBecause = "thử" })).Must(200);
            await Until.TrueAsync(
                async () => (await guest.Api.GetAsync("/api/notifications/inbox", Who.Commune(unit))).Must(200).Text.Contains(report, StringComparison.Ordinal), "its broker carries its announcements");
            (await house.Api.GetAsync("/health/system")).Must(200);
            (await house.Api.GetAsync(report, Who.Commune(unit))).Must(404);

            await using var store = await Db.OpenAsync(servers.Database("criteria"));
            Assert.Equal(1, await store.NumberAsync("select count(*) from mt_events where type = 'indicator-recorded.v1'"));
            Assert.False(Directory.Exists(Path.Combine(guest.Folder, "postgres")) || Directory.Exists(Path.Combine(guest.Folder, "rabbitmq")));
            // Its commands are told of the servers as the start was.
            (await NtmCommand.RunAsync("check", "--data", guest.Folder)).Must(2);
            var check = (await NtmCommand.RunAsync("", ["check", "--data", guest.Folder], servers.Settings())).Must(0);
            foreach (var service in Topology.Services) Assert.Contains($"{service}: 0 differences in ", check.Output, StringComparison.Ordinal);
            // The administrators' passwords were for the provision step alone.
            Assert.DoesNotContain(guest.Running(), p => !p.CommandLine.Contains("Ntm.AppHost.dll", StringComparison.Ordinal) && ForeignServers.Passwords.Any(s => p.Environment.Contains(s, StringComparison.Ordinal)));
            Assert.NotEmpty((await MinistryClient.PullAsync(guest, await guest.Api.TokenAsync(Who.Ministry))).Token);
            await LosesItsUsersAsync(guest, servers, report);
            await TellsOfARestoreAsync(guest, servers);
            await GoesOnAsync(guest, servers, report, unit);
        }
        finally
        {
            await guest.DisposeAsync();
        }
    }

    /// <summary>Every command is answered, and the service that has something to announce says what keeps it from that.</summary>
    private static async Task LosesItsUsersAsync(GuestHouse guest, ForeignServers servers, string report)
    {
        await servers.ForgetUsersAsync();
        (await guest.Api.PostAsync($"{report}/approve", Who.Coordinator)).Must(200);
        using var http = new HttpClient { BaseAddress = guest.AddressOf("criteria") };
        var said = "";
        await Until.TrueAsync(IsToldAsync, "the service says that it is not let in", explain: () => said);

        async Task<bool> IsToldAsync()
        {
            said = await http.GetStringAsync("/health/ready");
            var outbox = JsonDocument.Parse(said).RootElement.GetProperty("checks").GetProperty("outbox");
            return outbox.GetProperty("description").GetString()?.Contains("ACCESS_REFUSED", StringComparison.Ordinal) == true;
        }
    }

    /// <summary>With its virtual host the queues are gone, too: what the start provides is enough. What was recorded without a broker comes with all the rest, as after every restore.</summary>
    private static async Task GoesOnAsync(GuestHouse guest, ForeignServers servers, string report, string unit)
    {
        await servers.ForgetHostAsync();
        await guest.StartAsync();
        await ToldAsync("report-approved");
        (await guest.Api.PostAsync($"{report}/reopen", Who.Coordinator, new { reason = "thử" })).Must(200);
        await ToldAsync("report-reopened");

        Task ToldAsync(string kind) => Until.TrueAsync(
            async () => (await guest.Api.GetAsync("/api/notifications/inbox?limit=200", Who.Commune(unit))).Must(200)["items"].EnumerateArray()
                .Count(e => e.GetProperty("kind").GetString() == kind && e.GetProperty("link").GetString() == report) == 1,
            $"{unit} is told of {kind}", TimeSpan.FromSeconds(60));
    }

    /// <summary>The databases were put back by their own tools, as it were: all is to be announced again, into empty queues, and the feed begins anew.</summary>
    private static async Task TellsOfARestoreAsync(GuestHouse guest, ForeignServers servers)
    {
        string[] restored = ["restored", "--data", guest.Folder];
        Assert.Contains("the system runs on", (await NtmCommand.RunAsync("", restored, servers.Settings())).Must(1).Errors, StringComparison.Ordinal);
        await guest.StopAsync();
        await using (await Db.OpenAsync(new NpgsqlConnectionStringBuilder(servers.Database("pilots")) { Username = "pilots", Password = guest.Secret("pilots-password") }.ConnectionString))
            Assert.Contains("services are connected to pilots", (await NtmCommand.RunAsync("", restored, servers.Settings())).Must(1).Errors, StringComparison.Ordinal);
        await servers.PublishAsync("notifications");
        await using var central = await Db.OpenAsync(servers.Database("central"));
        await using var criteria = await Db.OpenAsync(servers.Database("criteria"));
        Assert.Equal(1, await central.NumberAsync("select count(*) from mt_doc_feedsecret"));
        Assert.Equal(1, await criteria.NumberAsync("select count(*) from mt_event_progression where name = 'outbox:All'"));

        var said = (await NtmCommand.RunAsync("", restored, servers.Settings())).Must(0);
        Assert.Contains($"criteria: events up to {await criteria.NumberAsync("select max(seq_id) from mt_events")}", said.Output, StringComparison.Ordinal);
        Assert.Equal(0, await central.NumberAsync("select count(*) from mt_doc_feedsecret"));
        Assert.Equal(0, await criteria.NumberAsync("select count(*) from mt_event_progression where name = 'outbox:All'"));
        Assert.Equal("[]", await servers.PeekAsync("notifications"));
    }

    private sealed class GuestHouse : House
    {
        private readonly int portBase = FreeBase();

        public GuestHouse(IEnumerable<KeyValuePair<string, string>> settings)
        {
            foreach (var (name, value) in settings) Settings[name] = value;
        }

        protected override int? PortBase => portBase;

        protected override IReadOnlyList<string> Arguments => ["--infra", "external", "--port-base", portBase.ToString(CultureInfo.InvariantCulture)];

        protected override bool HoldsBack => false;

        protected override bool HasCollector => false;

        protected override bool IsProved => false;

        private static int FreeBase() => Enumerable.Range(0, 1000).Select(n => 11_000 + (n * 3)).First(first => Enumerable.Range(first, 3).All(IsFree));

        private static bool IsFree(int port)
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }
}
