using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace Ntm.Bench;

/// <summary>The house as <c>./run</c> starts it, in Release, on ports and a data folder of its own.</summary>
internal sealed class House : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"ntm-hub-bench-{Path.GetRandomFileName()}");
    private readonly int port = BareYarp.FreePort();
    private readonly int grpcPort = BareYarp.FreePort();
    private readonly int dashboardPort = BareYarp.FreePort();
    private Process? run;
    private JsonElement endpoints;

    public static string Repository { get; } = FindRepository();

    public Uri Gateway => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));

    public string ClientSecret => Secret("local-client-secret");

    public string Folder => folder;

    /// <summary>The AppHost's process id; everything else descends from it.</summary>
    public int ProcessId => run!.Id;

    public Uri AddressOf(string service) => new(endpoints.GetProperty("resources").GetProperty(service).GetProperty("http").GetString()!);

    /// <summary>A service's database as the service itself: it waits for an open transaction of its own role, and sees nothing of a superuser's.</summary>
    public string DatabaseOf(string service) => new NpgsqlConnectionStringBuilder(Database(service)) { Username = service, Password = Secret($"{service}-password") }.ConnectionString;

    /// <summary>A database of the house's server, as its superuser.</summary>
    public string Database(string name)
    {
        var address = new Uri(endpoints.GetProperty("resources").GetProperty("postgres").GetProperty("tcp").GetString()!);
        return new NpgsqlConnectionStringBuilder
        {
            Host = address.Host,
            Port = address.Port,
            Username = "postgres",
            Password = Secret("postgres-password"),
            Database = name,
        }.ConnectionString;
    }

    /// <summary>How long it took until everything was ready.</summary>
    /// <param name="dashboard">Where there is one; its collector costs what it collects.</param>
    public async Task<TimeSpan> StartAsync(bool dashboard, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        var ready = Path.Combine(folder, "endpoints.json");
        File.Delete(ready);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(Repository, "src/AppHost/bin/Release/net10.0/Ntm.AppHost.dll")])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository,
            Environment =
            {
                ["NTM_DATA"] = folder,
                ["GATEWAY_HTTP_PORT"] = port.ToString(CultureInfo.InvariantCulture),
                ["GATEWAY_GRPC_PORT"] = grpcPort.ToString(CultureInfo.InvariantCulture),
                ["DASHBOARD_PORT"] = dashboardPort.ToString(CultureInfo.InvariantCulture),
            },
        };
        if (!dashboard) start.Environment["ASPIRE_DASHBOARD_PATH"] = Path.Combine(folder, "none");
        var clock = Stopwatch.StartNew();
        run = Process.Start(start)!;
        List<string> output = [];
        run.OutputDataReceived += Keep;
        run.ErrorDataReceived += Keep;
        run.BeginOutputReadLine();
        run.BeginErrorReadLine();
        while (!File.Exists(ready))
        {
            if (run.HasExited || clock.Elapsed > Patience) throw new InvalidOperationException("The house did not start:\n" + string.Join('\n', output));
            await Task.Delay(20, ct);
        }

        var took = clock.Elapsed;
        endpoints = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(ready, ct));
        return took;

        void Keep(object sender, DataReceivedEventArgs line)
        {
            lock (output) output.Add(line.Data ?? "");
        }
    }

    public async Task StopAsync()
    {
        if (run is null) return;
        if (!run.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", run.Id.ToString(CultureInfo.InvariantCulture)]);
            await run.WaitForExitAsync();
        }

        run.Dispose();
        run = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(folder, recursive: true);
    }

    private string Secret(string name) => File.ReadAllText(Path.Combine(folder, "secrets", name)).Trim();

    private static string FindRepository()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "NongThonMoi.slnx"))) at = at.Parent;
        return at?.FullName ?? throw new InvalidOperationException("The repository was not found above the bench.");
    }
}
