using System.Reflection;
using Marten;
using Marten.Schema;
using Npgsql;

namespace Ntm.ServiceDefaults.Proof;

/// <summary>A table of documents that a projection makes.</summary>
/// <param name="SingleStream">Whether a document is folded from one stream, whose key is its id.</param>
/// <param name="Versioned">Whether <c>mt_version</c> is the version of that stream.</param>
internal sealed record ReadModel(IDocumentType Document, string Table, bool SingleStream, bool Versioned)
{
    /// <summary>The document's id as the column holds it.</summary>
    public object IdOf(object document) => Document.IdMember switch
    {
        PropertyInfo property => property.GetValue(document)!,
        FieldInfo field => field.GetValue(document)!,
        var other => throw new NotSupportedException($"{Table}: the id is neither a property nor a field but {other.MemberType}."),
    };

    /// <summary>What is compared of a row: all that follows from the events.</summary>
    public IEnumerable<string> Columns =>
        [.. Document.DuplicatedFields.Select(d => d.ColumnName.ToLowerInvariant()), .. Versioned ? ["mt_version"] : Array.Empty<string>()];
}

/// <summary>Tells the read models of a service from the documents that no event makes.</summary>
internal static class ReadModels
{
    /// <summary>
    /// Documents that are no projection and are neither compared nor rebuilt. A table that is neither here nor made by a projection
    /// fails the check: whoever adds a document says which of the two it is.
    /// </summary>
    public static IReadOnlyDictionary<string, string> NoProjection { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["mt_doc_receipt"] = "first answers to commands, kept 30 days",
        ["mt_doc_asofpin"] = "positions that instants were answered with",
        ["mt_doc_introduced"] = "which owners were asked for their facts",
        ["mt_doc_owedreplay"] = "replays that consumers asked for and that have not ended",
        ["mt_doc_sessionkey"] = "keys of secret ballots, each destroyed by its count",
        ["mt_doc_feedsecret"] = "epoch and key of the resume tokens",
        ["mt_doc_deadletterevent"] = "the store's own notes on events that a subscription could not take",
    };

    /// <summary>The read models of the store, each with a table in the database.</summary>
    public static async Task<IReadOnlyList<ReadModel>> OfAsync(StoreOptions options, NpgsqlConnection database, CancellationToken ct)
    {
        var made = options.Projections.All.SelectMany(p => p.PublishedTypes().Select(type => (Projection: p, Type: type))).ToList();
        var models = made.Select(m => ModelOf(((IReadOnlyStoreOptions)options).FindOrResolveDocumentType(m.Type), Fold.IsSingleStream(m.Projection))).DistinctBy(m => m.Table, StringComparer.Ordinal).ToList();
        var tables = await TablesAsync(database, ct);
        if (models.FirstOrDefault(m => !tables.Contains(m.Table)) is { } missing)
            throw new NotProvableException($"The table {missing.Table} is missing: the schema step has not run.");
        if (tables.FirstOrDefault(t => !NoProjection.ContainsKey(t) && models.TrueForAll(m => m.Table != t)) is { } unknown)
            throw new NotProvableException($"No projection makes the documents of {unknown}, and they are not listed as soft state ({nameof(ReadModels)}.{nameof(NoProjection)}).");
        return models;
    }

    private static ReadModel ModelOf(IDocumentType document, bool singleStream) =>
        new(document, document.TableName.Name, singleStream, ((DocumentMapping)document).UseVersionFromMatchingStream);

    private static async Task<HashSet<string>> TablesAsync(NpgsqlConnection database, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select tablename from pg_tables where schemaname = 'public' and starts_with(tablename, 'mt_doc_') order by 1", database);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var tables = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(ct)) tables.Add(reader.GetString(0));
        return tables;
    }
}

/// <summary>The read models could not be compared: neither right nor wrong was found.</summary>
public sealed class NotProvableException(string message) : Exception(message);
