namespace Ntm.Cli.Backups;

/// <summary>Why a command could not do its work: one sentence for the operator.</summary>
internal sealed class CommandFailure(string message) : Exception(message)
{
    /// <summary>Runs a command: what an operator can mend is one sentence and exit code 1.</summary>
    public static async Task<int> GuardAsync(string command, Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"{command}: stopped; nothing was changed.");
            return 1;
        }
        catch (Exception reason) when (reason is CommandFailure or IOException or UnauthorizedAccessException or Npgsql.NpgsqlException)
        {
            await Console.Error.WriteLineAsync($"{command}: {reason.Message}");
            return 1;
        }
    }
}
