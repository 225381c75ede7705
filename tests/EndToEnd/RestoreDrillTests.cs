using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ntm.Contracts;

namespace Ntm.EndToEnd;

/// <summary>The drill: a backup under load, a loss, a restore. What comes back is what was there, and the house goes on.</summary>
[Collection(OneOperatedHouse.Name)]
public sealed partial class RestoreDrillTests(OperatedHouse house) : IAsyncDisposable
{
    private const string Recognised = "18196";
    private const string UnderWay = "18199";
    private const string Written = "18202";
    private const string Lost = "18223";
    private const string Next = "18229";

    private const string Place = "select pg_current_wal_insert_lsn()::text";

    private readonly string place = Directory.CreateTempSubdirectory("ntm-hub-drill-").FullName;
    private readonly Api api = house.Api;
    private readonly Scene scene = new(house.Api);

    private string Backup => Path.Combine(place, "backup");

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(place, recursive: true);
        await Proof.MustHoldAfterTestAsync(house);
    }

    [Fact]
    public async Task A_restored_system_is_the_original_at_the_backups_point_and_goes_on()
    {
        await scene.RecognisedAsync(Recognised);
        var underWay = await SubmittedAsync(UnderWay);
        var written = Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), Written);
        var ministry = await api.TokenAsync(Who.Ministry);
        var early = await MinistryClient.UntilAsync(house, ministry, p => Has(p, "recognition", Recognised), $"the recognition of {Recognised} is published");

        await DeclareOnBrokerAsync();

        // A backup while writes go on, and while a fact is under way: announced by its owner, not yet taken in by a consumer.
        var consumer = house.ProcessOf("Ntm.Notifications.dll");
        Signals.Send(consumer, Signals.Stop);
        Pulled published;
        Task<List<Write>> writing;
        ulong ended;
        using var enough = new CancellationTokenSource();
        try
        {
            (await api.PostAsync($"{underWay}/approve", Who.Coordinator)).Must(200);
            published = await MinistryClient.UntilAsync(house, ministry, p => Has(p, "report.approved", UnderWay), $"the report of {UnderWay} is published");
            writing = WriteAsync(written, enough.Token);
            (await NtmCommand.RunAsync("backup", "--data", house.Folder, "--to", Backup)).Must(0);
            await using var server = await Db.OpenAsync(house.Database("criteria"));
            ended = PlaceOf(await server.TextAsync(Place));
        }
        finally
        {
            Signals.Send(consumer, Signals.Continue);
        }

        // Life goes on, and all of this will be lost.
        await ToldAsync(UnderWay, "report-approved");
        await SettledAsync();
        var restart = TimeProvider.System.GetUtcNow();
        var entries = await EntriesAsync(restart);
        var lost = await SubmittedAsync(Lost);
        (await api.PostAsync($"{lost}/approve", Who.Coordinator)).Must(200);
        var ahead = await MinistryClient.UntilAsync(house, ministry, p => Has(p, "report.approved", Lost), $"the report of {Lost} is published");
        await enough.CancelAsync();
        var writes = await writing;
        var originals = await RowsAsync();
        var takenIn = await TakenInAsync(underWay);

        await house.StopAsync();
        await RefusesToStartHalfRestoredAsync();
        var said = (await NtmCommand.RunAsync("restore", "--from", Backup, "--data", house.Folder, "--yes")).Must(0);
        var ends = Ends().Matches(said.Output).ToDictionary(m => m.Groups[1].Value, m => long.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture), StringComparer.Ordinal);
        Assert.True(ends["notifications"] < takenIn, $"the fact that was under way must not be in the backup: {said.Output}");
        restart = TimeProvider.System.GetUtcNow();
        await house.StartAsync();

        await IsTheOriginalAsync(originals, ends);
        await HoldsTheWritesAsync(writes, ended, written);

        await IsOnBrokerAsync();

        // The ministry is told, wherever it stood; what it then takes is what was published.
        await BeginsAgainAsync(ministry, early.Token);
        await BeginsAgainAsync(ministry, ahead.Token);
        Assert.Equal(Facts(published), Facts(await MinistryClient.PullAsync(house, ministry)));

        // New facts come behind the ones that are announced again: when they have come, everything has.
        await scene.RecognisedAsync(Next);
        await ToldAsync(Next, "recognition-changed");
        await ToldAsync(UnderWay, "report-approved");
        await SettledAsync();
        Assert.Equal(entries, await EntriesAsync(restart));
        await Proof.MustHoldAsync(house);
        var afterwards = await MinistryClient.UntilAsync(house, ministry, p => Has(p, "recognition", Next), $"the recognition of {Next} is published");
        Assert.Equal(Facts(published), Facts(afterwards).Take(published.Changes.Count));
        Assert.All(afterwards.Changes.Skip(published.Changes.Count), c => Assert.Equal(Next, CodeOf(c)));
        Directory.Delete(Assert.Single(Directory.GetDirectories(house.Folder, "replaced-*")), recursive: true);
    }

    /// <summary>As if a restore had been killed while it changed the data over; the one that follows begins anew.</summary>
    private async Task RefusesToStartHalfRestoredAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(house.Folder, "restoring"), "", TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvalidOperationException>(house.StartAsync);
        await Until.TrueAsync(() => house.Output.Contains($"A restore of {house.Folder} broke off", StringComparison.Ordinal), "the start says why it refuses");
    }

    /// <summary>Position at which the consumer kept the approval of a report.</summary>
    private async Task<long> TakenInAsync(string report)
    {
        await using var store = await Db.OpenAsync(house.Database("notifications"));
        return await store.NumberAsync($"select min(seq_id) from mt_events where stream_id like 'criteria.report-approved/report/{report.Split('/')[^2]}/%'");
    }

    /// <summary>Position by position: whatever stood when the backup began, of the rest up to its end nothing that was not the original's.</summary>
    private async Task IsTheOriginalAsync(Dictionary<string, SortedDictionary<long, string>> originals, Dictionary<string, long> ends)
    {
        var databases = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(Path.Combine(Backup, "manifest.json"), TestContext.Current.CancellationToken)).GetProperty("databases");
        var restored = await RowsAsync();
        foreach (var (service, original) in originals)
        {
            var began = databases.GetProperty(service).GetProperty("atLeast").GetInt64();
            var (end, rows) = (ends[service], restored[service]);
            Assert.InRange(end, began, databases.GetProperty(service).GetProperty("atMost").GetInt64());
            Assert.Equal(original.Where(row => row.Key <= began), rows.Where(row => row.Key <= began));
            Assert.All(rows.Where(row => row.Key > began && row.Key <= end), row => Assert.Equal(original[row.Key], row.Value));
        }
    }

    /// <summary>What was answered while the database was being copied is there; what began after the backup had ended is not.</summary>
    private async Task HoldsTheWritesAsync(List<Write> writes, ulong ended, string report)
    {
        var manifest = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(Path.Combine(Backup, "postgres/backup_manifest"), TestContext.Current.CancellationToken));
        var copied = PlaceOf(manifest.GetProperty("WAL-Ranges").EnumerateArray().Last().GetProperty("End-LSN").GetString()!);
        var answer = (await api.GetAsync(report, Who.Commune(Written))).Must(200);
        var version = long.Parse(answer.ETag!.Trim('"'), CultureInfo.InvariantCulture);
        Assert.Contains(writes, w => w.Answered <= copied);
        Assert.Contains(writes, w => w.Began > ended);
        Assert.All(writes.Where(w => w.Answered <= copied), w => Assert.True(w.Version <= version, $"{w} was answered before {copied}, the report has the version {version}"));
        Assert.All(writes.Where(w => w.Began > ended), w => Assert.True(w.Version > version, $"{w} began after {ended}, the report has the version {version}"));
    }

    private async Task BeginsAgainAsync(string ministry, string token)
    {
        var pulled = await MinistryClient.PullAsync(house, ministry, token);
        Assert.Empty(pulled.Changes);
        Assert.Equal("FAILED_PRECONDITION", pulled.End.GetProperty("code").GetString());
        Assert.Contains("full snapshot", pulled.End.GetProperty("details").GetString(), StringComparison.Ordinal);
        var rich = Encoding.UTF8.GetString(pulled.End.GetProperty("rich_status").GetBytesFromBase64());
        foreach (var part in (string[])["google.rpc.ErrorInfo", "FEED_EPOCH_CHANGED", "FULL_SNAPSHOT"]) Assert.Contains(part, rich, StringComparison.Ordinal);
    }

    /// <summary>One write after another until it is enough, and where the server's log stood before and after each.</summary>
    private async Task<List<Write>> WriteAsync(string report, CancellationToken enough)
    {
        await using var server = await Db.OpenAsync(house.Database("criteria"));
        List<Write> writes = [];
        for (var n = 0; !enough.IsCancellationRequested; n++)
        {
            var began = PlaceOf(await server.TextAsync(Place));
            var answer = (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(Written), new { value = n % 2 == 0, validOn = Scene.TwoTiers })).Must(200);
            var answered = PlaceOf(await server.TextAsync(Place));
            writes.Add(new(long.Parse(answer.ETag!.Trim('"'), CultureInfo.InvariantCulture), began, answered));
        }

        return writes;
    }

    /// <summary>What an operator made on the broker and the system knows nothing of.</summary>
    private async Task DeclareOnBrokerAsync()
    {
        using var broker = Management();
        using var made = await broker.PutAsJsonAsync("/api/policies/ntm/drill", new { pattern = "^drill", definition = new { expires = 60_000 } }, TestContext.Current.CancellationToken);
        made.EnsureSuccessStatusCode();
    }

    private async Task IsOnBrokerAsync()
    {
        using var broker = Management();
        var policy = await broker.GetFromJsonAsync<JsonElement>("/api/policies/ntm/drill", TestContext.Current.CancellationToken);
        Assert.Equal("^drill", policy.GetProperty("pattern").GetString());
        Assert.False(File.Exists(Path.Combine(house.Folder, "broker-definitions.json")));
    }

    private HttpClient Management()
    {
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"ntm-admin:{house.Secret("rabbitmq-password")}"));
        return new() { BaseAddress = house.AddressOf("rabbitmq", "management"), DefaultRequestHeaders = { Authorization = new("Basic", credentials) } };
    }

    private async Task<string> SubmittedAsync(string unit)
    {
        var report = Scene.Report(await scene.PeriodAsync(Scene.TwoTiers), unit);
        (await api.PutAsync($"{report}/indicators/1.1", Who.Commune(unit), new { value = true, validOn = Scene.TwoTiers })).Must(200);
        (await api.PostAsync($"{report}/submit", Who.Commune(unit), new { incompleteBecause = "thử" })).Must(200);
        return report;
    }

    private Task ToldAsync(string unit, string kind) => Until.TrueAsync(
        async () =>
        {
            var inbox = await api.GetAsync("/api/notifications/inbox?limit=200", Who.Commune(unit));
            return inbox.Status == 200 && inbox["items"].EnumerateArray().Any(e => e.GetProperty("kind").GetString() == kind);
        },
        $"{unit} is told of {kind}", TimeSpan.FromSeconds(60));

    /// <summary>Owners have announced all that they hold, and for two seconds nothing new came of it.</summary>
    private async Task SettledAsync()
    {
        foreach (var owner in Topology.Owners.Keys)
        {
            await using var store = await Db.OpenAsync(house.Database(owner));
            await Until.TrueAsync(
                async () => await store.NumberAsync("select count(*) from mt_event_progression where name = 'outbox:All' and last_seq_id >= (select max(seq_id) from mt_events)") == 1,
                $"{owner} has announced everything", TimeSpan.FromSeconds(60));
        }

        await using var consumer = await Db.OpenAsync(house.Database("notifications"));
        var (last, since) = (0L, TimeProvider.System.GetTimestamp());
        await Until.TrueAsync(
            async () =>
            {
                if (await consumer.NumberAsync("select count(*) from mt_events") is var now && now != last) (last, since) = (now, TimeProvider.System.GetTimestamp());
                return TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(2);
            },
            "the consumer has settled", TimeSpan.FromSeconds(60));
    }

    private async Task<string> EntriesAsync(DateTimeOffset before)
    {
        await using var store = await Db.OpenAsync(house.Database("notifications"));
        return await store.TextAsync(
            $"select string_agg(id || ' ' || data::text, E'\\n' order by id) from mt_doc_inboxentry where (data ->> 'createdAt')::timestamptz < '{before:O}'");
    }

    /// <summary>Every event of every store as a hash of its whole row.</summary>
    private async Task<Dictionary<string, SortedDictionary<long, string>>> RowsAsync()
    {
        var rows = new Dictionary<string, SortedDictionary<long, string>>(StringComparer.Ordinal);
        foreach (var service in Topology.Services)
        {
            await using var store = await Db.OpenAsync(house.Database(service));
            var lines = (await store.TextAsync("select string_agg(seq_id || ' ' || md5(e::text), E'\\n') from mt_events e")).Split('\n');
            rows[service] = new(lines.Select(line => line.Split(' ')).ToDictionary(part => long.Parse(part[0], CultureInfo.InvariantCulture), part => part[1]));
        }

        return rows;
    }

    private static bool Has(Pulled pulled, string kind, string unit) => pulled.Changes.Any(c => c.GetProperty("kind").GetString() == kind && CodeOf(c) == unit);

    private static string? CodeOf(JsonElement change) => JsonSerializer.Deserialize<JsonElement>(change.GetProperty("json").GetString()!).GetProperty("code").GetString();

    private static IEnumerable<string> Facts(Pulled pulled) => pulled.Changes.Select(c =>
        string.Join(' ', c.GetProperty("position"), c.GetProperty("kind"), c.GetProperty("key"), c.GetProperty("version"), c.GetProperty("content_hash")));

    /// <summary>A place in the server's log, written as two hexadecimal halves.</summary>
    private static ulong PlaceOf(string written) => written.Split('/') is [var high, var low]
        ? (ulong.Parse(high, NumberStyles.HexNumber, CultureInfo.InvariantCulture) << 32) | ulong.Parse(low, NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : throw new FormatException(written);

    [GeneratedRegex("^  ([a-z]+): events up to ([0-9]+)$", RegexOptions.Multiline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Ends();

    private sealed record Write(long Version, ulong Began, ulong Answered);
}
