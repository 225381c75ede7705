using JasperFx.Events;
using JasperFx.Events.Aggregation;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events;
using Marten.Linq.MatchesSql;
using Marten.Services;
using Npgsql;
using NpgsqlTypes;
using Weasel.Storage;

namespace Ntm.ServiceDefaults.Proof;

/// <summary>
/// The read models made anew from the events, beside the stored ones: the service's own projections, in a store whose documents are
/// temporary tables of one connection. Nothing of the service's own tables is written or read but the events.
/// </summary>
internal sealed class Fold : IAsyncDisposable
{
    private const string Aside = "pg_temp";
    // The store looks through all that a session waits to write at each document: large pages cost by their square.
    private const int Batch = 500;
    private readonly NpgsqlConnection aside;
    private readonly DocumentStore store;
    private readonly Dictionary<Type, ReadModel> models;
    private readonly List<IInlineProjection<IDocumentOperations>> ofStreams;
    private readonly List<IInlineProjection<IDocumentOperations>> ofAll;
    // The high-water mark at the last fold, and what was folded above it.
    private long mark;
    private HashSet<long> beyond = [];
    private bool catchingUp;
    private NpgsqlTransaction? swap;

    private Fold(NpgsqlConnection aside, DocumentStore store, IReadOnlyList<ReadModel> models)
    {
        (this.aside, this.store, Models) = (aside, store, models);
        this.models = models.ToDictionary(m => m.Document.DocumentType);
        var projections = store.Options.Projections.All;
        ofStreams = [.. projections.Where(IsSingleStream).Select(p => p.BuildForInline())];
        ofAll = [.. projections.Where(p => !IsSingleStream(p)).Select(p => p.BuildForInline())];
    }

    public IReadOnlyList<ReadModel> Models { get; }

    /// <summary>The connection that sees the temporary tables.</summary>
    public NpgsqlConnection Connection => aside;

    public static bool IsSingleStream(object projection) => projection is IAggregateProjection { Scope: AggregationScope.SingleStream };

    /// <summary>The folded documents of a read model.</summary>
    public static string TableOf(ReadModel model) => $"{Aside}.{model.Table}";

    /// <summary>Ids of the documents that a rebuild looks at: those that differ, and those that events touched meanwhile.</summary>
    public static string SuspectsOf(ReadModel model) => $"{Aside}.{model.Table}_suspects";

    /// <param name="options">The service's own; its documents are moved aside.</param>
    public static async Task<Fold> BeginAsync(StoreOptions options, string connectionString, CancellationToken ct)
    {
        options.Connection(connectionString);
        options.DatabaseSchemaName = Aside;
        options.Events.DatabaseSchemaName = "public";
        var connection = new NpgsqlConnection(connectionString);
        var made = new DocumentStore(options);
        try
        {
            await connection.OpenAsync(ct);
            var fold = new Fold(connection, made, await ReadModels.OfAsync(options, connection, ct));
            foreach (var model in fold.Models) await fold.CreateAsync(model, ct);
            return fold;
        }
        catch
        {
            await connection.DisposeAsync();
            made.Dispose();
            throw;
        }
    }

    /// <summary>Folds all events that the transaction sees; answers how many.</summary>
    public async Task<long> AllAsync(NpgsqlTransaction seen, CancellationToken ct)
    {
        await using var session = store.QuerySession(SessionOptions.ForTransaction(seen));
        mark = await MarkAsync(seen.Connection!, ct);
        beyond = [.. (await BeyondAsync(seen.Connection!, ct)).Select(e => e.Sequence)];
        if (ofStreams.Count > 0) await StreamsAsync(session.Events.QueryAllRawEvents(), ct);
        if (ofAll.Count > 0) await InOrderAsync(session.Events.QueryAllRawEvents(), _ => true, ct);
        await using var count = new NpgsqlCommand("select count(*) from mt_events", seen.Connection);
        return (long)(await count.ExecuteScalarAsync(ct))!;
    }

    /// <summary>
    /// Folds the events that became visible since; answers how many. Below the high-water mark of the last fold there are none, and what
    /// became visible late above it is told by its position.
    /// </summary>
    /// <param name="within">The transaction that the folding is a part of, where it is.</param>
    public async Task<long> CatchUpAsync(NpgsqlTransaction seen, NpgsqlTransaction? within, CancellationToken ct)
    {
        swap = within;
        await using var session = store.QuerySession(SessionOptions.ForTransaction(seen));
        catchingUp = true;
        var (folded, from, next) = (beyond, mark, await MarkAsync(seen.Connection!, ct));
        var above = await BeyondAsync(seen.Connection!, ct);
        var added = above.Where(e => !folded.Contains(e.Sequence)).ToList();
        if (added.Count > 0 && ofStreams.Count > 0)
        {
            var streams = added.Select(e => e.Stream).Distinct(StringComparer.Ordinal).ToArray();
            foreach (var model in Models.Where(m => m.SingleStream)) await ForgetAsync(model, streams, ct);
            await StreamsAsync(session.Events.QueryAllRawEvents().Where(e => streams.Contains(e.StreamKey!)), ct);
        }

        if (added.Count > 0 && ofAll.Count > 0)
            await InOrderAsync(session.Events.QueryAllRawEvents().Where(e => e.Sequence > from), e => !folded.Contains(e.Sequence), ct);
        (mark, beyond) = (next, [.. above.Select(e => e.Sequence).Where(s => s > next)]);
        return added.Count;
    }

    public async ValueTask DisposeAsync()
    {
        await aside.DisposeAsync();
        store.Dispose();
    }

    /// <summary>A document of one stream needs that stream and nothing else, and is written once.</summary>
    private async Task StreamsAsync(IQueryable<IEvent> events, CancellationToken ct)
    {
        List<StreamAction> whole = [];
        List<IEvent> stream = [];
        var waiting = 0;
        await foreach (var e in events.OrderBy(e => e.StreamKey).ThenBy(e => e.Version).ToAsyncEnumerable(ct))
        {
            if (stream.Count > 0 && stream[^1].StreamKey != e.StreamKey)
            {
                Close();
                if (waiting >= Batch) await ApplyAsync();
            }

            stream.Add(e);
        }

        if (stream.Count > 0) Close();
        await ApplyAsync();

        void Close()
        {
            // As a start: nothing of the document is there before.
            whole.Add(ActionOf(StreamActionType.Start, stream));
            waiting += stream.Count;
            stream = [];
        }

        async Task ApplyAsync()
        {
            await this.ApplyAsync(ofStreams, whole, ct);
            whole.Clear();
            waiting = 0;
        }
    }

    /// <summary>Everything else sees the events one after another, in the order of the store.</summary>
    private async Task InOrderAsync(IQueryable<IEvent> events, Func<IEvent, bool> wanted, CancellationToken ct)
    {
        List<StreamAction> page = [];
        await foreach (var e in events.OrderBy(e => e.Sequence).ToAsyncEnumerable(ct))
        {
            if (!wanted(e)) continue;
            page.Add(ActionOf(StreamActionType.Append, [e]));
            if (page.Count < Batch) continue;
            await ApplyAsync(ofAll, page, ct);
            page.Clear();
        }

        await ApplyAsync(ofAll, page, ct);
    }

    private async Task ApplyAsync(List<IInlineProjection<IDocumentOperations>> projections, List<StreamAction> streams, CancellationToken ct)
    {
        if (streams.Count == 0) return;
        // Short, while others write: an open transaction that wrote would hold up the high-water mark.
        await using var page = swap is null ? await aside.BeginTransactionAsync(ct) : null;
        // Each in a session of its own, as none may rest on what another has not yet written.
        foreach (var projection in projections)
        {
            await using var session = store.LightweightSession(SessionOptions.ForTransaction(swap ?? page!));
            await projection.ApplyAsync(session, streams, ct);
            foreach (var documents in session.PendingChanges.Operations().Select(DocumentOf).GroupBy(d => d.GetType()))
            {
                if (!models.TryGetValue(documents.Key, out var model))
                    throw new NotProvableException($"{documents.Key.Name} is made by a projection that does not say so (DeleteViewTypeOnTeardown).");
                await WriteAsync(model, documents, streams, ct);
            }
        }

        if (page is not null) await page.CommitAsync(ct);
    }

    private static object DocumentOf(IStorageOperation operation) =>
        operation is IDocumentStorageOperation { Document: { } document } && operation.Role() is Weasel.Core.OperationRole.Upsert or Weasel.Core.OperationRole.Insert or Weasel.Core.OperationRole.Update
            ? document
            : throw new NotProvableException($"A projection does more than store documents ({operation.Role()} of {operation.DocumentType?.Name}): the fold does not know how to do that aside.");

    private async Task WriteAsync(ReadModel model, IEnumerable<object> documents, List<StreamAction> streams, CancellationToken ct)
    {
        var last = new Dictionary<object, object>();
        foreach (var document in documents) last[model.IdOf(document)] = document;
        var versions = model.Versioned ? streams.ToDictionary(s => s.Key!, s => s.Events[^1].Version, StringComparer.Ordinal) : null;
        var into = model.SingleStream ? TableOf(model) : $"{TableOf(model)}_page";
        var serializer = store.Options.Serializer();
        await using (var copy = await aside.BeginBinaryImportAsync($"copy {into} (id, data, mt_dotnet_type{(model.Versioned ? ", mt_version" : "")}) from stdin (format binary)", ct))
        {
            foreach (var (id, document) in last)
            {
                await copy.StartRowAsync(ct);
                await copy.WriteAsync(id, ct);
                await copy.WriteAsync(serializer.ToJson(document), NpgsqlDbType.Jsonb, ct);
                await copy.WriteAsync(model.Document.DocumentType.FullName!, ct);
                if (versions is not null) await copy.WriteAsync(versions[(string)id], ct);
            }

            await copy.CompleteAsync(ct);
        }

        if (model.SingleStream) return;
        var suspects = catchingUp ? $"insert into {SuspectsOf(model)} select id from {into} on conflict do nothing;" : "";
        await ExecuteAsync(
            $"""
            insert into {TableOf(model)} (id, data, mt_dotnet_type) select id, data, mt_dotnet_type from {into}
                on conflict (id) do update set data = excluded.data;
            {suspects}
            truncate {into};
            """,
            ct);
    }

    /// <summary>The documents of these streams are folded again, and a stream may have none any more.</summary>
    private async Task ForgetAsync(ReadModel model, string[] streams, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"""
            with streams as (select unnest($1::text[]) as id),
            gone as (delete from {TableOf(model)} where id in (select id from streams))
            insert into {SuspectsOf(model)} select id from streams on conflict do nothing
            """,
            aside);
        command.Parameters.Add(new() { Value = streams });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Columns that repeat a part of the document are made from it by the database, by the store's own expression.</summary>
    private Task CreateAsync(ReadModel model, CancellationToken ct)
    {
        var repeated = string.Concat(model.Document.DuplicatedFields.Select(field =>
        {
            var (column, expression) = field.UpdateSqlFragment().Split(" = ", 2) is [var left, var right] ? (left, right) : throw new NotProvableException($"{model.Table}: {field.ColumnName}");
            return $"alter table {TableOf(model)} drop column {column}, add column {column} {field.PgType} generated always as ({expression}) stored;";
        }));
        return ExecuteAsync(
            $"""
            create temporary table {model.Table} (like public.{model.Table} including defaults);
            alter table {TableOf(model)} add primary key (id);
            create temporary table {model.Table}_page (like public.{model.Table} including defaults);
            create temporary table {model.Table}_suspects as select id from {TableOf(model)};
            alter table {SuspectsOf(model)} add primary key (id);
            {repeated}
            """,
            ct);
    }

    private async Task ExecuteAsync(string statements, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(statements, aside);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<long> MarkAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select coalesce(max(last_seq_id), 0) from mt_event_progression where name = 'HighWaterMark'", connection);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private async Task<List<(long Sequence, string Stream)>> BeyondAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select seq_id, stream_id from mt_events where seq_id > $1 order by seq_id", connection) { Parameters = { new() { Value = mark } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        List<(long, string)> events = [];
        while (await reader.ReadAsync(ct)) events.Add((reader.GetInt64(0), reader.GetString(1)));
        return events;
    }

    private static StreamAction ActionOf(StreamActionType type, List<IEvent> events) =>
        new StreamAction(events[0].StreamKey!, type) { TenantId = events[0].TenantId }.AddEvents(events);
}
