using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Ntm.ServiceDefaults;

/// <summary>
/// The step before a service starts: the owner's role applies the schema and gives the run-time role its rights; it may append
/// events and read them, but neither change nor remove them.
/// </summary>
internal static class SchemaStep
{
    internal const string TimestampIndex = "ntm_events_timestamp";

    internal static async Task ApplyAsync(IServiceProvider services, string role, CancellationToken ct)
    {
        await services.GetRequiredService<IDocumentStore>().Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            $"""
            {KeptElsewhere.Telling(services.GetServices<KeptTable>())}
            create index if not exists {TimestampIndex} on mt_events (timestamp);
            grant usage on schema public to "{role}";
            grant select, insert, update, delete on all tables in schema public to "{role}";
            grant usage, select on all sequences in schema public to "{role}";
            grant execute on all functions in schema public to "{role}";
            revoke update, delete, truncate on mt_events from "{role}";
            revoke delete, truncate on mt_streams from "{role}";
            """);
        await command.ExecuteNonQueryAsync(ct);
    }
}
