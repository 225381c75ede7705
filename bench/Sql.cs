using System.Globalization;
using Npgsql;

namespace Ntm.Bench;

/// <summary>Statements of an administrator, each on a connection of its own.</summary>
internal static class Sql
{
    public static async Task ExecuteAsync(string database, string statement, CancellationToken ct) => await RunAsync(database, statement, c => c.ExecuteNonQueryAsync(ct), ct);

    public static async Task<long> NumberAsync(string database, string query, CancellationToken ct) =>
        Convert.ToInt64(await RunAsync(database, query, c => c.ExecuteScalarAsync(ct), ct), CultureInfo.InvariantCulture);

    private static async Task<T> RunAsync<T>(string database, string statement, Func<NpgsqlCommand, Task<T>> run, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(statement, connection) { CommandTimeout = 600 };
        return await run(command);
    }
}
