using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Ntm.Bench;

/// <summary>
/// The ceiling: the same rows by <c>pgbench</c>, prepared statements, as many clients, in a scratch database of the same PostgreSQL.
/// Its rows are copies of what the PUTs of this run stored, so they have the same sizes.
/// </summary>
internal sealed partial class PgBench : IAsyncDisposable
{
    private const string Database = "ntm_bench";
    private readonly House house;
    private readonly string model;
    private readonly int streams;

    private PgBench(House house, string model, int streams) => (this.house, this.model, this.streams) = (house, model, streams);

    /// <param name="model">The database whose rows are copied.</param>
    public static async Task<PgBench> PrepareAsync(House house, string model, int streams, CancellationToken ct)
    {
        await Sql.ExecuteAsync(house.Database("postgres"), $"drop database if exists {Database} with (force)", ct);
        await Sql.ExecuteAsync(house.Database("postgres"), $"create database {Database}", ct);
        var schema = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "pgbench-schema.sql"), ct);
        await Sql.ExecuteAsync(house.Database(Database), schema.Replace(":streams", streams.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), ct);
        return new(house, model, streams);
    }

    /// <summary>Transactions per second.</summary>
    public async Task<double> RunAsync(int clients, TimeSpan duration, CancellationToken ct)
    {
        var at = new NpgsqlConnectionStringBuilder(house.Database(Database));
        var start = new ProcessStartInfo("pgbench") { UseShellExecute = false, RedirectStandardOutput = true, Environment = { ["PGPASSWORD"] = at.Password ?? "" } };
        foreach (var argument in (string[])
            ["-h", at.Host!, "-p", $"{at.Port}", "-U", at.Username!, "-n", "-M", "prepared", "-c", $"{clients}", "-j", "2",
             "-T", $"{Math.Max(1, (int)Math.Round(duration.TotalSeconds))}", "-D", $"streams={streams}", "-f", Path.Combine(AppContext.BaseDirectory, "pgbench.sql")])
            start.ArgumentList.Add(argument);
        foreach (var (name, json) in await SamplesAsync(ct))
        {
            start.ArgumentList.Add("-D");
            start.ArgumentList.Add($"{name}={json}");
        }

        start.ArgumentList.Add(Database);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return Tps().Match(output) is { Success: true } tps
            ? double.Parse(tps.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"pgbench ended with {process.ExitCode}: {output}");
    }

    public async ValueTask DisposeAsync() => await Sql.ExecuteAsync(house.Database("postgres"), $"drop database if exists {Database} with (force)", CancellationToken.None);

    /// <summary>The last rows that a PUT stored, as they are now: reports grow during a run.</summary>
    private async Task<IReadOnlyDictionary<string, string>> SamplesAsync(CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(house.Database(model));
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            """
            select e.data::text, coalesce(e.headers, '{}')::text, r.data::text, (select data::text from mt_doc_receipt order by mt_last_modified desc limit 1)
            from (select * from mt_events where type = 'indicator-recorded.v1' order by seq_id desc limit 1) e join mt_doc_report r on r.id = e.stream_id
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct)) throw new InvalidOperationException("The PUTs stored nothing to copy.");
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["event"] = reader.GetString(0),
            ["headers"] = reader.GetString(1),
            ["snapshot"] = reader.GetString(2),
            ["receipt"] = reader.GetString(3),
        };
    }

    [GeneratedRegex(@"tps = ([0-9.]+)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Tps();
}
