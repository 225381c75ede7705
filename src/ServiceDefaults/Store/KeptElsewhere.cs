using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Ntm.ServiceDefaults;

/// <summary>A table of which a process holds in memory what it read.</summary>
/// <param name="Table">Its name in the schema <c>public</c>.</param>
/// <param name="Forget">What was read counts no more.</param>
public sealed record KeptTable(string Table, Action Forget);

/// <summary>
/// Hears of every commit that wrote one of the <see cref="KeptTable"/>s, in whichever process: a command of another replica, a rebuild.
/// The server tells it as it commits, so that who was answered a write finds it at the other replica as well.
/// </summary>
internal sealed partial class KeptElsewhere(
    string service, IConfiguration configuration, IEnumerable<KeptTable> kept, TimeProvider clock, ILogger<KeptElsewhere> log) : BackgroundService
{
    private const string Channel = "ntm_kept";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Lets the server tell of the tables; repeatable.</summary>
    internal static string Telling(IEnumerable<KeptTable> kept) =>
        $"""
        create or replace function ntm_tell_kept() returns trigger language plpgsql as $$
            begin perform pg_notify('{Channel}', tg_table_name); return null; end $$;
        {string.Concat(kept.Select(k => $"create or replace trigger ntm_kept after insert or update or delete or truncate on {k.Table} for each statement execute function ntm_tell_kept();\n"))}
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var database = new NpgsqlConnectionStringBuilder(configuration.GetConnectionString(service)!) { Pooling = false, KeepAlive = 30, ApplicationName = $"ntm-{service}-kept" };
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = new NpgsqlConnection(database.ConnectionString);
                connection.Notification += (_, told) => Forget(told.Payload);
                await connection.OpenAsync(stoppingToken);
                await using (var listen = new NpgsqlCommand($"listen {Channel}", connection)) await listen.ExecuteNonQueryAsync(stoppingToken);
                // Nobody told of what was written before.
                foreach (var table in kept) table.Forget();
                while (true) await connection.WaitAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Deaf(exception.Message);
            }

            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Forget(string table)
    {
        foreach (var one in kept.Where(k => k.Table == table)) one.Forget();
    }

    [LoggerMessage(LogLevel.Warning, "Other processes' writes are not heard of now ({Reason}); what is held in memory is read anew every ten seconds meanwhile")]
    private partial void Deaf(string reason);
}
