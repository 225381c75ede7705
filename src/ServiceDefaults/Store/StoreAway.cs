using Npgsql;

namespace Ntm.ServiceDefaults;

/// <summary>Tells a database that is away for the moment from a fault: the first is waited for.</summary>
public static class StoreAway
{
    private const int NoSpace = 28; // ENOSPC

    /// <summary>Whether the exception, or one that it wraps, says that the database does not serve now.</summary>
    public static bool Is(Exception? exception)
    {
        for (var at = exception; at is not null; at = at.InnerException)
        {
            if (at is NpgsqlException { IsTransient: true } or NpgsqlException { InnerException: IOException or System.Net.Sockets.SocketException }) return true;
            // Shut down, crashed, or not yet up again: Npgsql does not call all of these transient.
            if (at is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow }) return true;
            // A batch that failed may leave its connection believing in a statement that was never prepared; with this error it forgets it.
            if (at is PostgresException { SqlState: PostgresErrorCodes.InvalidSqlStatementName }) return true;
        }

        return IsFull(exception);
    }

    /// <summary>Whether a disk is full, the database's or this machine's: it reads, and writes again as soon as there is room.</summary>
    public static bool IsFull(Exception? exception)
    {
        for (var at = exception; at is not null; at = at.InnerException)
            if (at is PostgresException { SqlState: PostgresErrorCodes.DiskFull } or IOException { HResult: NoSpace }) return true;
        return false;
    }
}
