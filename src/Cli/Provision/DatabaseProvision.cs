using Npgsql;

namespace Ntm.Cli.Provision;

/// <summary>
/// A database for each service and two roles that may enter it and no other: the owner, who applies the schema, and the
/// run-time role, whose rights on tables are granted by the service's own schema step.
/// </summary>
/// <param name="ownsServer">Whether the server is the house's own: what others keep on theirs is theirs to close.</param>
public sealed class DatabaseProvision(string administrator, bool ownsServer)
{
    public async Task ApplyAsync(IEnumerable<ServiceAccounts> services, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(administrator);
        await using var server = await source.OpenConnectionAsync(cancellationToken);
        // PUBLIC may enter any database until this is revoked.
        if (ownsServer) await ExecuteAsync(server, "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC", cancellationToken);
        foreach (var service in services)
        {
            await EnsureRoleAsync(server, service.Owner, service.OwnerPassword, cancellationToken);
            await EnsureRoleAsync(server, service.Name, service.Password, cancellationToken);
            if (ownsServer) await ShowTransactionsAsync(server, service.Name, cancellationToken);
            await EnsureDatabaseAsync(server, service, cancellationToken);
            await CloseSchemaAsync(service, cancellationToken);
        }
    }

    /// <summary>Has a consumer ask every owner for its facts again; false when it never has.</summary>
    public async Task<bool> ForgetIntroductionsAsync(string service, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(service, cancellationToken);
        if (!await ExistsAsync(connection, "SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = $1", "mt_doc_introduced", cancellationToken)) return false;
        await using var command = new NpgsqlCommand("DELETE FROM public.mt_doc_introduced", connection);
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    private static async Task EnsureRoleAsync(NpgsqlConnection server, string role, string password, CancellationToken cancellationToken)
    {
        var verb = await ExistsAsync(server, "SELECT 1 FROM pg_roles WHERE rolname = $1", role, cancellationToken) ? "ALTER" : "CREATE";
        // Statements can be seen by others and get into the server's log; values that are handed over beside them are in neither.
        await using (var secret = new NpgsqlCommand("SELECT set_config('ntm.password', $1, false)", server) { Parameters = { new() { Value = password } } })
            await secret.ExecuteNonQueryAsync(cancellationToken);
        await ExecuteAsync(
            server,
            $"""
             DO $$ BEGIN EXECUTE format(
               '{verb} ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD %L', {Literal(role)}, current_setting('ntm.password'));
             END $$
             """,
            cancellationToken);
    }

    /// <summary>
    /// Lets the service see since when transactions of other roles are open: one that has taken a position is then waited for, whoever
    /// began it, and none of its events is passed over. Not on a server with other databases: there it would read the statements of all.
    /// </summary>
    private static Task ShowTransactionsAsync(NpgsqlConnection server, string role, CancellationToken cancellationToken) =>
        ExecuteAsync(server, $"GRANT pg_read_all_stats TO {Name(role)}", cancellationToken);

    private static async Task EnsureDatabaseAsync(NpgsqlConnection server, ServiceAccounts service, CancellationToken cancellationToken)
    {
        var (database, owner, role) = (Name(service.Name), Name(service.Owner), Name(service.Name));
        if (!await ExistsAsync(server, "SELECT 1 FROM pg_database WHERE datname = $1", service.Name, cancellationToken))
            await ExecuteAsync(server, $"CREATE DATABASE {database} OWNER {owner}", cancellationToken);
        else
            await ExecuteAsync(server, $"ALTER DATABASE {database} OWNER TO {owner}", cancellationToken);
        await ExecuteAsync(server, $"REVOKE ALL ON DATABASE {database} FROM PUBLIC", cancellationToken);
        // A connection that somebody forgot within a transaction would hold up the announcements for ever.
        await ExecuteAsync(server, $"ALTER ROLE {role} IN DATABASE {database} SET idle_in_transaction_session_timeout = '60s'", cancellationToken);
        await ExecuteAsync(server, $"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {owner}, {role}", cancellationToken);
    }

    private async Task CloseSchemaAsync(ServiceAccounts service, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(service.Name, cancellationToken);
        await ExecuteAsync(connection, "REVOKE CREATE ON SCHEMA public FROM PUBLIC", cancellationToken);
        await ExecuteAsync(connection, $"GRANT CREATE, USAGE ON SCHEMA public TO {Name(service.Owner)}", cancellationToken);
    }

    private async Task<NpgsqlConnection> OpenAsync(string database, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(administrator) { Database = database, Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string query, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(query, connection) { Parameters = { new() { Value = name } } };
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // These statements take no parameters, so names and passwords are quoted by PostgreSQL's own rules.
    private static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
