using System.CommandLine;
using System.Text.Json;
using Npgsql;

namespace Ntm.Cli.Running;

/// <summary>The system that runs on a data folder, as <c>endpoints.json</c> and <c>secrets/</c> there tell of it.</summary>
/// <param name="Folder">The data folder: <c>NTM_DATA</c>, else <c>.data</c> in the checkout.</param>
internal sealed record RunningSystem(string Folder, JsonElement Endpoints)
{
    /// <summary>Null when nothing runs on the folder; the file alone may be left over from a run that was killed.</summary>
    public static RunningSystem? Find(string folder)
    {
        var file = Path.Combine(folder, "endpoints.json");
        if (!File.Exists(file)) return null;
        var endpoints = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(file));
        var pid = endpoints.GetProperty("pid").GetInt32();
        // A version before this one does not say when its process began.
        var runs = endpoints.TryGetProperty("startTime", out var started) ? StoppedFolder.Lives(pid, started.GetInt64()) : Directory.Exists($"/proc/{pid}");
        return runs ? new(folder, endpoints) : null;
    }

    /// <summary>The option by which every command of a running system names its data folder.</summary>
    public static Option<string?> DataOption() => new("--data") { Description = "the data folder of the running system (NTM_DATA, else .data)" };

    public static string FolderOrDefault(string? given) =>
        Path.GetFullPath(given ?? Environment.GetEnvironmentVariable("NTM_DATA") ?? ".data");

    public Uri AddressOf(string resource, string endpoint) =>
        new(Endpoints.GetProperty("resources").GetProperty(resource).GetProperty(endpoint).GetString()!);

    /// <summary>The administrator of the house's own broker.</summary>
    public string BrokerUser => Endpoints.GetProperty("resources").GetProperty("rabbitmq").GetProperty("user").GetString()!;

    public string Secret(string name) => File.ReadAllText(Path.Combine(Folder, "secrets", name)).Trim();

    /// <summary>A service's database as the owner of its schema, or as another role.</summary>
    /// <exception cref="InvalidOperationException">PostgreSQL is not this house's own, and the environment does not tell where it is.</exception>
    public string Database(string database, string? role = null)
    {
        role ??= $"{database}_owner";
        return new NpgsqlConnectionStringBuilder(ServerOf())
        {
            Username = role,
            Password = Secret($"{role.Replace('_', '-')}-password"),
            Database = database,
        }.ConnectionString;
    }

    /// <summary>The house's own server, or the one that <c>./run --infra external</c> was told of: its address and how it is reached.</summary>
    private string ServerOf()
    {
        if (Endpoints.GetProperty("resources").TryGetProperty("postgres", out _))
        {
            var server = AddressOf("postgres", "tcp");
            return new NpgsqlConnectionStringBuilder { Host = server.Host, Port = server.Port }.ConnectionString;
        }

        return Environment.GetEnvironmentVariable("ConnectionStrings__postgres")
            ?? throw new InvalidOperationException("PostgreSQL is not a part of this system: set ConnectionStrings__postgres as at its start (--infra external).");
    }
}
