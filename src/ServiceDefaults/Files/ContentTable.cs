using Marten;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Ntm.ServiceDefaults;

/// <summary>Contents of files, each once under its hash, in a table beside the documents: one backup covers them, and no projection makes them.</summary>
/// <param name="name">Name of the table.</param>
public sealed class ContentTable(string name)
{
    public Table Table(string schema)
    {
        var table = new Table($"{schema}.{name}");
        table.AddColumn<string>("sha256").AsPrimaryKey();
        table.AddColumn("content", "bytea").NotNull();
        return table;
    }

    /// <summary>Writes the content in the session's transaction, read from the stream as it is sent on; what is kept already stays.</summary>
    public async Task InsertAsync(IDocumentSession session, string sha256, Stream content, CancellationToken ct)
    {
        content.Position = 0;
        await using var command = new NpgsqlCommand($"insert into {name} (sha256, content) values ($1, $2) on conflict do nothing", session.Connection);
        command.Parameters.Add(new() { Value = sha256 });
        command.Parameters.Add(new() { Value = content, NpgsqlDbType = NpgsqlDbType.Bytea });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Answers with the file, or with 304 where the caller has it; null where the content is not kept.</summary>
    /// <param name="size">Bytes.</param>
    /// <param name="fileName">Under which the caller saves it.</param>
    public async Task<IResult?> AnswerAsync(HttpContext http, NpgsqlDataSource database, string sha256, long size, string mediaType, string fileName, CancellationToken ct)
    {
        var headers = http.Response.Headers;
        (headers.ETag, headers.CacheControl, headers.XContentTypeOptions) = ($"\"{sha256}\"", "private, no-cache", "nosniff");
        if (http.Request.GetTypedHeaders().IfNoneMatch.Any(tag => tag.Tag == $"\"{sha256}\"")) return TypedResults.StatusCode(304);
        if (await FetchAsync(database, sha256, ct) is not { } content) return null;
        http.Response.ContentLength = size;
        var text = mediaType.StartsWith("text/", StringComparison.Ordinal);
        return TypedResults.Stream(content, text ? $"{mediaType}; charset=utf-8" : mediaType, fileName);
    }

    /// <summary>The content, taken aside so that a slow reader holds no connection; null where there is none.</summary>
    private async Task<Stream?> FetchAsync(NpgsqlDataSource database, string sha256, CancellationToken ct)
    {
        await using var command = database.CreateCommand($"select content from {name} where sha256 = $1");
        command.Parameters.Add(new() { Value = sha256 });
        await using var reader = await command.ExecuteReaderAsync(System.Data.CommandBehavior.SequentialAccess, ct);
        if (!await reader.ReadAsync(ct)) return null;
        var aside = Exports.Aside();
        try
        {
            await using var content = await reader.GetStreamAsync(0, ct);
            await content.CopyToAsync(aside, ct);
            aside.Position = 0;
            return aside;
        }
        catch
        {
            await aside.DisposeAsync();
            throw;
        }
    }
}
