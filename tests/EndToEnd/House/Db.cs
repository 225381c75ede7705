using System.Globalization;
using Npgsql;

namespace Ntm.EndToEnd;

/// <summary>One connection to a service's database, to look behind the curtain or to get in the way.</summary>
internal sealed class Db : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;

    private Db(NpgsqlConnection connection) => this.connection = connection;

    public static async Task<Db> OpenAsync(string connectionString)
    {
        var opened = new NpgsqlConnection(connectionString);
        await opened.OpenAsync();
        return new(opened);
    }

    public async Task<long> NumberAsync(string query) => Convert.ToInt64(await ScalarAsync(query), CultureInfo.InvariantCulture);

    public async Task<string> TextAsync(string query) => Convert.ToString(await ScalarAsync(query), CultureInfo.InvariantCulture) ?? "";

    public async Task ExecuteAsync(string statement)
    {
        await using var command = new NpgsqlCommand(statement, connection) { CommandTimeout = 60 };
        await command.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private async Task<object?> ScalarAsync(string query)
    {
        await using var command = new NpgsqlCommand(query, connection) { CommandTimeout = 60 };
        return await command.ExecuteScalarAsync();
    }
}
