using Npgsql;

namespace Ntm.ServiceDefaults;

/// <summary>
/// A lock of the service's database that one process at a time holds, on a connection of its own: it ends with the process, so a
/// survivor gets it as soon as the server sees the connection close.
/// </summary>
public sealed class StoreLock : IAsyncDisposable
{
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(1);

    /// <summary>Time in which a holder has noticed that its lock is lost, and for another pulse gives up what it did under it.</summary>
    public static TimeSpan Notice { get; } = 2 * Pulse;

    /// <summary>How long a holder that has lost its lock may take to give up what it did under it.</summary>
    public static TimeSpan Grace => Pulse;

    private readonly NpgsqlConnection connection;

    private StoreLock(NpgsqlConnection connection) => this.connection = connection;

    /// <summary>The lock, or null while another process holds it.</summary>
    public static async Task<StoreLock?> TryTakeAsync(string database, string name, CancellationToken ct)
    {
        var opened = await OpenAsync(database, ct);
        try
        {
            await using var command = new NpgsqlCommand("select pg_try_advisory_lock(hashtext($1), 0)", opened) { Parameters = { new() { Value = name } } };
            if (await command.ExecuteScalarAsync(ct) is true) return new(opened);
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }

        await opened.DisposeAsync();
        return null;
    }

    /// <summary>The lock, after whoever holds it has let it go.</summary>
    public static async Task<StoreLock> TakeAsync(string database, string name, CancellationToken ct)
    {
        while (true)
        {
            if (await TryTakeAsync(database, name, ct) is { } taken) return taken;
            await Task.Delay(Pulse / 4, ct);
        }
    }

    /// <summary>Ends when the lock is lost with its connection, or when asked to.</summary>
    /// <param name="pulse">Done about once a second as long as the lock is held.</param>
    public async Task HoldAsync(Action pulse, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                // A connection that the server closes is told of at once; the pulse finds one that nothing is heard of any more.
                await connection.WaitAsync(Pulse, ct);
                await using var command = new NpgsqlCommand("select 1", connection) { CommandTimeout = 3 };
                await command.ExecuteScalarAsync(ct);
                pulse();
            }
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            // Lost or let go: the caller stops what it does under the lock.
        }
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private static async Task<NpgsqlConnection> OpenAsync(string database, CancellationToken ct)
    {
        // The server must notice within seconds that the machine of a holder is gone.
        var settings = new NpgsqlConnectionStringBuilder(database)
        {
            Pooling = false,
            Timeout = 5,
            TcpKeepAlive = true,
            Options = "-c tcp_keepalives_idle=3 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3",
        };
        var opened = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await opened.OpenAsync(ct);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }
}
