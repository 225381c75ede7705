using System.Globalization;
using System.Text.RegularExpressions;

namespace Ntm.Cli.Backups;

/// <summary>The programs of one major version: data of one version are read by the programs of that version only.</summary>
internal sealed partial class PostgresTools(string major)
{
    /// <summary>The user that the server runs as when the system is run by root.</summary>
    public const string User = "postgres";

    private readonly string folder = Path.Combine("/usr/lib/postgresql", major, "bin");

    /// <summary>The whole cluster as of one point in time, with the log that makes it whole; page checksums are verified on the way.</summary>
    public Task BackUpAsync(Uri server, string password, string target, CancellationToken ct) => new Tool(
        Find("pg_basebackup"),
        [
            "--host", server.Host, "--port", server.Port.ToString(CultureInfo.InvariantCulture), "--username", "postgres", "--no-password",
            "--pgdata", target, "--wal-method=stream", "--checkpoint=fast", "--manifest-checksums=SHA256", "--label=ntm",
        ])
    {
        Variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["PGPASSWORD"] = password },
    }.RunAsync("PostgreSQL gave no base backup", ct);

    /// <summary>PostgreSQL's own proof, files and log, where its program is installed with the server.</summary>
    public async Task VerifyAsync(string target, CancellationToken ct)
    {
        if (!File.Exists(Path.Combine(folder, "pg_verifybackup"))) return;
        await new Tool(Find("pg_verifybackup"), ["--quiet", target]).RunAsync($"{target} is not whole by PostgreSQL's own proof", ct);
    }

    /// <summary>
    /// Statements on a cluster that nobody serves; the first call replays its log. The server reads them from its own input: no port
    /// and no password, and it closes its files when this process dies. Answers the number that the last statement gave.
    /// </summary>
    public async Task<long> RunAloneAsync(string data, string database, IEnumerable<string> statements, CancellationToken ct)
    {
        var server = new Tool(Find("postgres"), ["--single", "-D", data, "-c", "exit_on_error=on", database])
        {
            User = User,
            Input = string.Concat(statements.Select(statement => statement + "\n")),
        };
        var answer = Number().Matches(await server.RunAsync($"PostgreSQL could not restore {database}", ct));
        return answer.Count > 0
            ? long.Parse(answer[^1].Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new CommandFailure($"PostgreSQL gave no position of {database} after restoring it.");
    }

    private string Find(string program) => Path.Combine(folder, program) is var file && File.Exists(file)
        ? file
        : throw new CommandFailure($"PostgreSQL {major} is not installed ({program} is missing in {folder}): install the package postgresql-{major}.");

    [GeneratedRegex("position = \"([0-9]+)\"", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Number();
}
