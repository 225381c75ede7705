using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Npgsql;
using Ntm.Contracts;

namespace Ntm.EndToEnd;

/// <summary>A PostgreSQL and a RabbitMQ that let nobody in without TLS, started without the AppHost, with passwords that need escaping.</summary>
internal sealed class ForeignServers : IAsyncDisposable
{
    private const string StorePassword = "p'a\"ss; w=rd {0}";
    private const string BrokerPassword = "pa:ss/w?rd@%+&";
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"ntm-hub-foreign-{Path.GetRandomFileName()}");
    private readonly int storePort = FreePort();
    private readonly int brokerPort = FreePort();
    private readonly int managementPort = FreePort();
    private readonly int mapperPort = FreePort();
    private readonly List<Process> processes = [];

    public static IReadOnlyList<string> Passwords => [StorePassword, BrokerPassword, Uri.EscapeDataString(BrokerPassword)];

    public static async Task<ForeignServers> StartAsync()
    {
        var servers = new ForeignServers();
        try
        {
            await servers.StartStoreAsync();
            await servers.StartBrokerAsync();
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public IEnumerable<KeyValuePair<string, string>> Settings(string password = StorePassword) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ConnectionStrings__postgres"] = new NpgsqlConnectionStringBuilder(Database("postgres")) { Password = password, Pooling = true }.ConnectionString,
        ["ConnectionStrings__rabbitmq"] = $"amqps://keeper:{Uri.EscapeDataString(BrokerPassword)}@127.0.0.1:{brokerPort}",
        ["NTM_RABBITMQ_MANAGEMENT"] = $"https://127.0.0.1:{managementPort}",
        // The authority that signed the broker's certificate.
        ["SSL_CERT_FILE"] = Path.Combine(folder, "rabbitmq/server.crt"),
    };

    public string Database(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = storePort,
        Username = "postgres",
        Password = StorePassword,
        Database = database,
        SslMode = SslMode.VerifyFull,
        RootCertificate = Path.Combine(folder, "postgres/server.crt"),
        Pooling = false,
    }.ConnectionString;

    /// <summary>Leaves a message in a queue of the houses.</summary>
    public async Task PublishAsync(string queue)
    {
        Assert.Equal("""{"routed":true}""", await ManageAsync(HttpMethod.Post, "/api/exchanges/ntm/amq.default/publish", new { properties = new { }, routing_key = queue, payload = "of yesterday", payload_encoding = "string" }));
    }

    /// <summary>The first message of a queue, which stays there.</summary>
    public Task<string> PeekAsync(string queue) => ManageAsync(HttpMethod.Post, $"/api/queues/ntm/{queue}/get", new { count = 1, ackmode = "ack_requeue_true", encoding = "auto" });

    /// <summary>The broker does not know the house's users any more.</summary>
    public async Task ForgetUsersAsync()
    {
        foreach (var service in Topology.Services) Assert.Equal("", await ManageAsync(HttpMethod.Delete, $"/api/users/{service}"));
    }

    /// <summary>Nor its virtual host, with all that lay in it.</summary>
    public async Task ForgetHostAsync() => Assert.Equal("", await ManageAsync(HttpMethod.Delete, "/api/vhosts/ntm"));

    private async Task<string> ManageAsync(HttpMethod method, string path, object? body = null)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "rabbitmq/server.crt")));
        using var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } };
        using var http = new HttpClient(handler) { BaseAddress = new($"https://127.0.0.1:{managementPort}") };
        http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"keeper:{BrokerPassword}")));
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>A start that is expected to fail.</summary>
    public static async Task<(int Code, string Output)> TryStartAsync(IEnumerable<KeyValuePair<string, string>> settings)
    {
        var data = Path.Combine(Path.GetTempPath(), $"ntm-hub-refused-{Path.GetRandomFileName()}");
        try
        {
            return await Shell.TryAsync("dotnet", [House.AppHost, "--infra", "external"], new Dictionary<string, string>(settings, StringComparer.Ordinal)
            {
                ["NTM_DATA"] = data,
                ["GATEWAY_HTTP_PORT"] = FreePort().ToString(CultureInfo.InvariantCulture),
                ["GATEWAY_GRPC_PORT"] = FreePort().ToString(CultureInfo.InvariantCulture),
                ["ASPIRE_DASHBOARD_PATH"] = "/nonexistent",
            });
        }
        finally
        {
            if (Directory.Exists(data)) Directory.Delete(data, recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
        {
            if (!process.HasExited) Signals.Send(process.Id, Signals.Kill);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    private async Task StartStoreAsync()
    {
        var home = await FolderAsync("postgres");
        var binaries = Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Last(d => File.Exists(Path.Combine(d, "initdb")));
        await File.WriteAllTextAsync(Path.Combine(home, "password"), StorePassword);
        WriteCertificate(home);
        await Shell.RunAsync("chmod", "600", Path.Combine(home, "server.key"));
        await Shell.RunAsync("chown", "-R", "postgres:", home);
        await Shell.RunAsync("setpriv", [.. As("postgres"), Path.Combine(binaries, "initdb"), "-D", $"{home}/data", "-U", "postgres", "--auth=scram-sha-256", $"--pwfile={home}/password", "--no-sync"]);
        await File.WriteAllTextAsync(Path.Combine(home, "data/pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n");
        string[] settings =
        [
            "listen_addresses=127.0.0.1", $"port={storePort}", "unix_socket_directories=", "max_connections=200",
            "ssl=on", $"ssl_cert_file={home}/server.crt", $"ssl_key_file={home}/server.key",
        ];
        Start("setpriv", [.. As("postgres"), Path.Combine(binaries, "postgres"), "-D", $"{home}/data", .. settings.SelectMany(s => new[] { "-c", s })], home, []);
        await Until.TrueAsync(
            async () =>
            {
                try
                {
                    await using var store = await Db.OpenAsync(Database("postgres"));
                    return true;
                }
                catch (NpgsqlException)
                {
                    return false;
                }
            },
            "PostgreSQL answers");
    }

    private async Task StartBrokerAsync()
    {
        var home = await FolderAsync("rabbitmq");
        await File.WriteAllTextAsync(Path.Combine(home, "enabled_plugins"), "[rabbitmq_management].\n");
        WriteCertificate(home);
        string[] settings =
        [
            "listeners.tcp = none", $"listeners.ssl.1 = 127.0.0.1:{brokerPort}",
            $"ssl_options.cacertfile = {home}/server.crt", $"ssl_options.certfile = {home}/server.crt", $"ssl_options.keyfile = {home}/server.key",
            "management.ssl.ip = 127.0.0.1", $"management.ssl.port = {managementPort}",
            $"management.ssl.cacertfile = {home}/server.crt", $"management.ssl.certfile = {home}/server.crt", $"management.ssl.keyfile = {home}/server.key",
            "default_user = keeper", $"default_pass = {BrokerPassword}", "log.console = true",
        ];
        await File.WriteAllLinesAsync(Path.Combine(home, "rabbitmq.conf"), settings);
        await Shell.RunAsync("chown", "-R", "rabbitmq:", home);
        var mapper = mapperPort.ToString(CultureInfo.InvariantCulture);
        Start("setpriv", [.. As("rabbitmq"), "epmd", "-port", mapper, "-address", "127.0.0.1"], home, []);
        Start("setpriv", [.. As("rabbitmq"), "/usr/lib/rabbitmq/bin/rabbitmq-server"], home, new()
        {
            ["HOME"] = home,
            ["RABBITMQ_NODENAME"] = "foreign@localhost",
            ["RABBITMQ_CONFIG_FILE"] = $"{home}/rabbitmq.conf",
            ["RABBITMQ_MNESIA_BASE"] = $"{home}/mnesia",
            ["RABBITMQ_LOG_BASE"] = $"{home}/log",
            ["RABBITMQ_PID_FILE"] = $"{home}/pid",
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = $"{home}/enabled_plugins",
            ["RABBITMQ_DIST_PORT"] = FreePort().ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
            ["ERL_EPMD_PORT"] = mapper,
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RUNNING_UNDER_SYSTEMD"] = "true",
        });
    }

    private async Task<string> FolderAsync(string server)
    {
        var home = Path.Combine(folder, server);
        Directory.CreateDirectory(home);
        await Shell.RunAsync("chmod", "755", folder, home);
        return home;
    }

    private void Start(string program, IEnumerable<string> arguments, string home, Dictionary<string, string> environment)
    {
        var info = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = home };
        foreach (var (name, value) in environment) info.Environment[name] = value;
        var process = Process.Start(info)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        processes.Add(process);
    }

    private static string[] As(string user) =>
        Environment.IsPrivilegedProcess ? ["--reuid", user, "--regid", user, "--init-groups", "--"] : ["--"];

    private static void WriteCertificate(string home)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(Path.Combine(home, "server.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(home, "server.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
