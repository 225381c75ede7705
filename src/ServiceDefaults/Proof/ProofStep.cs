using System.Diagnostics;
using System.Globalization;
using Marten;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Ntm.ServiceDefaults.Proof;

/// <summary>Makes the options of the service's store anew: a second store must not share those of the first.</summary>
internal sealed record StoreRecipe(Func<StoreOptions> Options);

/// <summary>
/// <c>check</c> compares the service's read models, and the store's list of streams, with a fresh fold of its events; <c>rebuild</c> writes
/// them anew. Both run as the owner's role beside the running service.
/// </summary>
internal static class ProofStep
{
    public const int Right = 0;
    public const int Wrong = 1;
    public const int NotProvable = 2;
    private const int Shown = 100;
    private const int Few = 200;
    private const int Rounds = 10;

    /// <summary>Longer than a command takes from reading a document to writing it.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    /// <param name="output">Takes the differences and the last line.</param>
    /// <param name="errors">Takes why nothing could be said.</param>
    public static async Task<int> RunAsync(IServiceProvider services, string service, string verb, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        try
        {
            var connection = new NpgsqlConnectionStringBuilder(services.GetRequiredService<IConfiguration>().GetConnectionString(service)
                ?? throw new NotProvableException($"ConnectionStrings:{service} is not set."))
            {
                // The temporary tables end with the connection.
                Pooling = false,
                CommandTimeout = 0,
                ApplicationName = $"ntm-{service}-{verb}",
            }.ConnectionString;
            await using var fold = await Fold.BeginAsync(services.GetRequiredService<StoreRecipe>().Options(), connection, ct);
            await using var reading = new NpgsqlConnection(connection);
            await reading.OpenAsync(ct);
            return verb == "check" ? await CheckAsync(service, fold, reading, output, ct) : await RebuildAsync(service, fold, reading, output, ct);
        }
        catch (Exception reason) when (reason is not OperationCanceledException)
        {
            await errors.WriteLineAsync($"{service}: could not {verb}: {string.Join(" ← ", Chain(reason).Select(r => r.Message))}");
            return NotProvable;
        }
    }

    private static async Task<int> CheckAsync(string service, Fold fold, NpgsqlConnection reading, TextWriter output, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        var (events, documents, streams, differences) = await CompareAsync(fold, reading, fold.AllAsync, ct);
        Show(output, service, differences);
        Say(output, $"{service}: {differences.Count} differences in {documents} documents and {streams} streams of {events} events ({clock.Elapsed.TotalSeconds:F1} s)");
        return differences.Count == 0 ? Right : Wrong;
    }

    /// <summary>
    /// Reads one snapshot: what a command appends and what its projections write are one transaction, so in each snapshot the documents
    /// are the fold of the events, whoever writes meanwhile. The transaction only reads and so holds up neither writers nor the
    /// high-water mark.
    /// </summary>
    private static async Task<(long Events, long Documents, long Streams, IReadOnlyList<Difference> Differences)> CompareAsync(
        Fold fold, NpgsqlConnection reading, Func<NpgsqlTransaction, CancellationToken, Task<long>> foldAsync, CancellationToken ct)
    {
        await using var snapshot = await reading.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
        await using (var only = new NpgsqlCommand("set transaction read only", reading)) await only.ExecuteNonQueryAsync(ct);
        var events = await foldAsync(snapshot, ct);
        long documents = 0;
        var (streams, heads) = await StreamHeads.OfAsync(snapshot, ct);
        List<Difference> all = [.. heads];
        foreach (var model in fold.Models)
        {
            var (count, differences) = await Comparison.OfAsync(fold, model, snapshot, ct);
            documents += count;
            all.AddRange(differences);
        }

        return (events, documents, streams, all);
    }

    /// <summary>
    /// Folds and compares as the check does, and puts right what is wrong until nothing is: a command that had read a wrong document
    /// just before may write it back once more.
    /// </summary>
    private static async Task<int> RebuildAsync(string service, Fold fold, NpgsqlConnection reading, TextWriter output, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        var (events, documents, streams, differences) = await CompareAsync(fold, reading, fold.AllAsync, ct);
        var folded = clock.Elapsed;
        var (written, heads, longest) = (0L, 0L, TimeSpan.Zero);
        for (var round = 0; differences.Count > 0 && round < Rounds; round++)
        {
            foreach (var model in fold.Models) await SuspectAsync(fold, model, differences, ct);
            var (documentsWritten, headsWritten, held) = await PutRightAsync(fold, reading, IdsOf(differences, StreamHeads.Table), ct);
            (written, heads, longest) = (written + documentsWritten, heads + headsWritten, held > longest ? held : longest);
            await Task.Delay(Settling, ct);
            (var added, documents, streams, differences) = await CompareAsync(fold, reading, (seen, token) => fold.CatchUpAsync(seen, within: null, token), ct);
            events += added;
        }

        Show(output, service, differences);
        Say(output, $"{service}: {written} of {documents} documents and {heads} of {streams} streams were put right from {events} events (folded in {folded.TotalSeconds:F1} s, writers waited {longest.TotalMilliseconds:F0} ms)");
        return differences.Count == 0 ? Right : Wrong;
    }

    /// <summary>
    /// Follows the writers until little is left, then holds them back for the moment in which the wrong documents are replaced, in one
    /// transaction: readers see all of the old ones or all of the new.
    /// </summary>
    private static async Task<(long Documents, long Streams, TimeSpan Held)> PutRightAsync(Fold fold, NpgsqlConnection reading, string[] streams, CancellationToken ct)
    {
        for (var round = 0; round < Rounds; round++)
        {
            await using var seen = await reading.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
            if (await fold.CatchUpAsync(seen, within: null, ct) < Few) break;
        }

        await using var swap = await fold.Connection.BeginTransactionAsync(ct);
        var held = Stopwatch.StartNew();
        // A command appends before it writes documents: whoever waits here holds nothing that the swap needs, but maybe a stream.
        await ExecuteAsync(fold, "lock table public.mt_events in exclusive mode", ct);
        // Before anything is folded in this transaction: it is given up to whoever holds one.
        if (await StreamHeads.PutRightAsync(swap, streams, ct) is not { } heads) return (0, 0, held.Elapsed);
        await using (var seen = await reading.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct)) await fold.CatchUpAsync(seen, swap, ct);
        long written = 0;
        foreach (var model in fold.Models) written += await SwapAsync(fold, model, ct);
        await swap.CommitAsync(ct);
        return (written, heads, held.Elapsed);
    }

    private static void Show(TextWriter output, string service, IReadOnlyList<Difference> differences)
    {
        foreach (var d in differences.Take(Shown)) output.WriteLine($"{service}: {d.Table} {d.Id} {d.Path}: stored {d.Stored}, folded {d.Folded}");
        if (differences.Count > Shown) Say(output, $"{service}: … and {differences.Count - Shown} more");
    }

    private static string[] IdsOf(IReadOnlyList<Difference> differences, string table) =>
        [.. differences.Where(d => d.Table == table).Select(d => d.Id).Distinct(StringComparer.Ordinal)];

    private static async Task SuspectAsync(Fold fold, ReadModel model, IReadOnlyList<Difference> differences, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"insert into {Fold.SuspectsOf(model)} select id from (select id from {Fold.TableOf(model)} union select id from public.{model.Table}) d where id::text = any($1) on conflict do nothing", fold.Connection);
        command.Parameters.Add(new() { Value = IdsOf(differences, model.Table) });
        await command.ExecuteNonQueryAsync(ct);
        // Nobody else does so for temporary tables, and the swap must not be planned blindly.
        await ExecuteAsync(fold, $"analyze {Fold.SuspectsOf(model)}; analyze {Fold.TableOf(model)}", ct);
    }

    /// <summary>First what is wrong goes, then what is right comes: two documents may have swapped what an index wants unique.</summary>
    private static async Task<int> SwapAsync(Fold fold, ReadModel model, CancellationToken ct)
    {
        string[] columns = ["data", .. model.Columns];
        string Row(string alias) => $"row({string.Join(", ", columns.Select(c => $"{alias}.{c}"))})";
        var written = string.Join(", ", ["id", .. columns, "mt_dotnet_type"]);
        var suspects = Fold.SuspectsOf(model);
        await ExecuteAsync(
            fold,
            $"""
            delete from {suspects} s using {suspects} t left join public.{model.Table} d on d.id = t.id left join {Fold.TableOf(model)} f on f.id = t.id
                where s.id = t.id and {Row("d")} is not distinct from {Row("f")}
            """,
            ct);
        await ExecuteAsync(
            fold,
            $"""
            delete from public.{model.Table} where id in (select id from {suspects});
            insert into public.{model.Table} ({written}) select {written} from {Fold.TableOf(model)} where id in (select id from {suspects});
            """,
            ct);
        return await ExecuteAsync(fold, $"delete from {suspects}", ct);
    }

    private static async Task<int> ExecuteAsync(Fold fold, string statement, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(statement, fold.Connection);
        return await command.ExecuteNonQueryAsync(ct);
    }

    private static IEnumerable<Exception> Chain(Exception? reason)
    {
        for (var at = reason; at is not null; at = at.InnerException) yield return at;
    }

    private static void Say(TextWriter output, FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
