using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Npgsql;

namespace Ntm.EndToEnd;

/// <summary>
/// The whole house as <c>./run</c> starts it, on ports and a data folder of its own. Its very first start holds the consumers back
/// for 30 s, as if they were late.
/// </summary>
public class House : IAsyncLifetime
{
    public static readonly TimeSpan Late = TimeSpan.FromSeconds(30);
    private static readonly string[] LateOnes = ["Ntm.Notifications.dll", "Ntm.Pilots.dll", "Ntm.Central.dll"];
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(4);
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"ntm-hub-tests-{Path.GetRandomFileName()}");
    private readonly int httpPort = FreePort();
    private readonly int grpcPort = FreePort();
    private readonly int dashboardPort = FreePort();
    private readonly List<string> output = [];
    private Process? run;
    private JsonElement endpoints;

    public Uri Gateway => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{PortBase ?? httpPort}"));

    public Uri Grpc => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{PortBase + 1 ?? grpcPort}"));

    public Api Api { get; private set; } = null!;

    /// <summary>Where this house sends its telemetry in place of a dashboard; null where it goes its own way.</summary>
    public Collector? Collector { get; private set; }

    /// <summary>What the collector was sent until the first start was done.</summary>
    public Collector.Received? ToldAtTheStart { get; private set; }

    /// <summary>The consumers that were held back at the first start.</summary>
    public IReadOnlyCollection<string> HeldBack { get; private set; } = [];

    public string Output
    {
        get
        {
            lock (output) return string.Join('\n', output);
        }
    }

    public static string Repository { get; } = FindRepository();

    /// <summary>The program that starts all, of the same configuration as the tests.</summary>
    public static string AppHost { get; } = Path.Combine(
        Repository, "src/AppHost/bin", AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug", "net10.0/Ntm.AppHost.dll");

    /// <summary>The data folder of this house.</summary>
    public string Folder => folder;

    /// <summary>What the start is told beside ports and folder; a change counts from the next start.</summary>
    public IDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where its fixed ports begin when they are told by <c>--port-base</c>.</summary>
    protected virtual int? PortBase => null;

    /// <summary>Options of the start.</summary>
    protected virtual IReadOnlyList<string> Arguments => [];

    /// <summary>Whether the check is asked before the house is gone; a test that asks it by itself does without.</summary>
    protected virtual bool IsProved => true;

    /// <summary>Whether the consumers come late on the first start.</summary>
    protected virtual bool HoldsBack => true;

    protected virtual bool HasCollector => true;

    public async ValueTask InitializeAsync()
    {
        if (HasCollector)
        {
            Collector = new Collector();
            Settings["ASPIRE_DASHBOARD_PATH"] = "/nonexistent";
            Settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = Collector.Address;
            Settings["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
            // The rights table alone would use up what may be traced.
            Settings["Ntm__TracesPerSecond"] = "100000";
            ToldAtTheStart = Collector.Keep();
        }

        var holding = HoldsBack ? HoldBackAsync() : Task.FromResult(HeldBack);
        await StartAsync();
        HeldBack = await holding;
        ToldAtTheStart?.Dispose();
        Api = new Api(Gateway, Secret("local-client-secret"));
    }

    /// <summary>Whatever its tests did: in the end every read model is the fold of its events.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (IsProved) await Proof.MustHoldAsync(this);
        }
        finally
        {
            Api?.Dispose();
            await StopAsync();
            Collector?.Dispose();
            Directory.Delete(folder, recursive: true);
        }

        GC.SuppressFinalize(this);
    }

    public async Task StartAsync()
    {
        Directory.CreateDirectory(folder);
        run = Process.Start(StartInfo()) ?? throw new InvalidOperationException("The AppHost did not start.");
        run.OutputDataReceived += Keep;
        run.ErrorDataReceived += Keep;
        run.BeginOutputReadLine();
        run.BeginErrorReadLine();
        var file = Path.Combine(folder, "endpoints.json");
        await Until.TrueAsync(
            () => run.HasExited ? throw new InvalidOperationException($"The house ended:\n{Output}") : IsReady(), "the house is ready", StartPatience, () => $"{Output}\n{LastWords()}");

        // A killed run has left its own file behind.
        bool IsReady()
        {
            if (!File.Exists(file)) return false;
            endpoints = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(file));
            return endpoints.GetProperty("pid").GetInt32() == run.Id;
        }
    }

    /// <summary>SIGTERM, as an operator would; answers how long it took and which processes it left.</summary>
    public async Task<(TimeSpan Took, IReadOnlyList<string> Left)> StopAsync()
    {
        if (run is null or { HasExited: true }) return (TimeSpan.Zero, []);
        var clock = Stopwatch.StartNew();
        Signals.Send(run.Id, Signals.Terminate);
        await run.WaitForExitAsync();
        var took = clock.Elapsed;
        run.Dispose();
        run = null;
        return (took, [.. Running().Select(p => p.CommandLine)]);
    }

    /// <summary>The run is killed as it stands, its children with no word of it.</summary>
    public async Task KillAsync()
    {
        Signals.Send(run!.Id, Signals.Kill);
        await run.WaitForExitAsync();
        run.Dispose();
        run = null;
    }

    /// <summary>The process that serves now, by a word of its command line: a killed one is started again under another id.</summary>
    public int ProcessOf(string program) => Running().First(p => p.CommandLine.Contains(program, StringComparison.Ordinal)).Id;

    /// <summary>What <c>endpoints.json</c> told at the start.</summary>
    public JsonElement Endpoints => endpoints;

    public Uri AddressOf(string service, string endpoint = "http") => new(endpoints.GetProperty("resources").GetProperty(service).GetProperty(endpoint).GetString()!);

    public string SecretFile(string name) => Path.Combine(folder, "secrets", name);

    public string Secret(string name) => File.ReadAllText(SecretFile(name)).Trim();

    public string LogOf(string resource) => File.ReadAllText(Path.Combine(folder, "logs", $"{resource}.log"));

    /// <summary>The end of every log: who keeps the house waiting says why in his own.</summary>
    private string LastWords() => string.Join('\n', Directory.GetFiles(Path.Combine(folder, "logs")).Order(StringComparer.Ordinal).Select(f =>
        $"{Path.GetFileName(f)}:\n{string.Join('\n', File.ReadLines(f).TakeLast(8))}"));

    /// <summary>The database as its server's superuser, or as another role.</summary>
    public string Database(string database, string role = "postgres", string? secret = null)
    {
        var address = new Uri(endpoints.GetProperty("resources").GetProperty("postgres").GetProperty("tcp").GetString()!);
        return new NpgsqlConnectionStringBuilder
        {
            Host = address.Host,
            Port = address.Port,
            Username = role,
            Password = Secret(secret ?? $"{role}-password"),
            Database = database,
            Pooling = false,
        }.ConnectionString;
    }

    public Uri Broker()
    {
        var address = new Uri(endpoints.GetProperty("resources").GetProperty("rabbitmq").GetProperty("tcp").GetString()!);
        return new($"amqp://ntm-admin:{Secret("rabbitmq-password")}@{address.Host}:{address.Port}/ntm");
    }

    /// <summary>All processes of this house but its steps.</summary>
    internal IEnumerable<Running> Running() => Signals.Processes().Where(p =>
        (p.Environment.Contains(folder, StringComparison.Ordinal) || p.CommandLine.Contains(folder, StringComparison.Ordinal))
        && !p.CommandLine.EndsWith("schema ", StringComparison.Ordinal));

    private async Task<IReadOnlyCollection<string>> HoldBackAsync()
    {
        var held = new Dictionary<string, int>(StringComparer.Ordinal);
        await Until.TrueAsync(
            () =>
            {
                foreach (var p in Running())
                {
                    if (LateOnes.FirstOrDefault(l => p.CommandLine.Contains(l, StringComparison.Ordinal)) is not { } late || held.ContainsKey(late)) continue;
                    Signals.Send(p.Id, Signals.Stop);
                    held[late] = p.Id;
                }

                return held.Count == LateOnes.Length;
            },
            "the consumers start", StartPatience, () => Output);
        await Task.Delay(Late);
        foreach (var id in held.Values) Signals.Send(id, Signals.Continue);
        return held.Keys;
    }

    private ProcessStartInfo StartInfo()
    {
        var info = new ProcessStartInfo("dotnet", [AppHost, .. Arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository,
        };
        info.Environment["NTM_DATA"] = folder;
        if (PortBase is null)
        {
            info.Environment["GATEWAY_HTTP_PORT"] = httpPort.ToString(CultureInfo.InvariantCulture);
            info.Environment["GATEWAY_GRPC_PORT"] = grpcPort.ToString(CultureInfo.InvariantCulture);
            info.Environment["DASHBOARD_PORT"] = dashboardPort.ToString(CultureInfo.InvariantCulture);
        }

        // The rights table and the faults call faster than any client would.
        info.Environment["Ntm__Gateway__RateLimit__PerSecond"] = "5000";
        info.Environment["Ntm__Gateway__RateLimit__Burst"] = "10000";
        foreach (var (name, value) in Settings) info.Environment[name] = value;
        return info;
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null) return;
        lock (output) output.Add(line.Data);
    }

    private static string FindRepository()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "NongThonMoi.slnx"))) at = at.Parent;
        return at?.FullName ?? throw new InvalidOperationException("The repository was not found above the tests.");
    }

    internal static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

/// <summary>One house for all tests, which run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class OneHouse : ICollectionFixture<House>
{
    public const string Name = "house";
}

/// <summary>A second house, for what an operator does to one: it is killed, emptied, restored. Its tests leave it running and whole.</summary>
public sealed class OperatedHouse : House
{
    protected override bool HoldsBack => false;

    protected override bool HasCollector => false;
}

/// <summary>The tests of operations share the second house, after the first is gone.</summary>
[CollectionDefinition(Name)]
public sealed class OneOperatedHouse : ICollectionFixture<OperatedHouse>
{
    public const string Name = "operated house";
}
