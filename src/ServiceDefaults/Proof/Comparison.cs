using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace Ntm.ServiceDefaults.Proof;

/// <summary>One place in which a stored document is not what its events make it.</summary>
internal sealed record Difference(string Table, string Id, string Path, string Stored, string Folded);

/// <summary>Compares the stored documents that a transaction sees with the folded ones, row by row.</summary>
internal static class Comparison
{
    private const int Page = 200;

    public static async Task<(long Documents, IReadOnlyList<Difference> Differences)> OfAsync(Fold fold, ReadModel model, NpgsqlTransaction seen, CancellationToken ct)
    {
        // Hashes first: two rows of equal text are equal, and few are not.
        var folded = await HashesAsync(fold.Connection, Fold.TableOf(model), model, ct);
        long documents = folded.Count;
        List<Difference> differences = [];
        List<string> unlike = [];
        await using (var command = new NpgsqlCommand(HashesOf($"public.{model.Table}", model), seen.Connection))
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                var id = reader.GetString(0);
                if (!folded.Remove(id, out var hash))
                {
                    documents++;
                    differences.Add(new(model.Table, id, "$", "a document", "none"));
                }
                else if (hash != reader.GetFieldValue<Guid>(1))
                {
                    unlike.Add(id);
                }
            }
        }

        differences.AddRange(folded.Keys.Select(id => new Difference(model.Table, id, "$", "none", "a document")));
        foreach (var page in unlike.Chunk(Page))
        {
            var stored = await RowsAsync(seen.Connection!, $"public.{model.Table}", model, page, ct);
            var made = await RowsAsync(fold.Connection, Fold.TableOf(model), model, page, ct);
            foreach (var id in page)
            {
                foreach (var (path, left, right) in JsonDifferences.Between(stored[id], made[id])) differences.Add(new(model.Table, id, path, left, right));
            }
        }

        return (documents, differences);
    }

    private static async Task<Dictionary<string, Guid>> HashesAsync(NpgsqlConnection connection, string table, ReadModel model, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(HashesOf(table, model), connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var hashes = new Dictionary<string, Guid>(StringComparer.Ordinal);
        while (await reader.ReadAsync(ct)) hashes.Add(reader.GetString(0), reader.GetFieldValue<Guid>(1));
        return hashes;
    }

    /// <summary>The rows as one JSON each: the document, and the columns beside it.</summary>
    private static async Task<Dictionary<string, JsonElement>> RowsAsync(NpgsqlConnection connection, string table, ReadModel model, string[] ids, CancellationToken ct)
    {
        var columns = string.Concat(model.Columns.Select(c => $", '{c}', {c}"));
        await using var command = new NpgsqlCommand($"select id::text, jsonb_build_object('data', data{columns}) from {table} where id::text = any($1)", connection);
        command.Parameters.Add(new() { Value = ids });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        while (await reader.ReadAsync(ct)) rows.Add(reader.GetString(0), JsonSerializer.Deserialize<JsonElement>(reader.GetString(1)));
        return rows;
    }

    private static string HashesOf(string table, ReadModel model) =>
        $"select id::text, md5(row({string.Join(", ", ["data::text", .. model.Columns])})::text)::uuid from {table}";
}

/// <summary>Where two JSON values differ.</summary>
internal static class JsonDifferences
{
    /// <summary>What people wrote in their own words is not repeated where it may be logged.</summary>
    private static readonly HashSet<string> Prose = new(["note", "remark", "reason", "basis"], StringComparer.Ordinal);

    public static IEnumerable<(string Path, string Stored, string Folded)> Between(JsonElement stored, JsonElement folded) => Between("$", "", stored, folded);

    private static IEnumerable<(string Path, string Stored, string Folded)> Between(string path, string name, JsonElement stored, JsonElement folded)
    {
        if (stored.ValueKind == JsonValueKind.Object && folded.ValueKind == JsonValueKind.Object)
        {
            var names = stored.EnumerateObject().Select(p => p.Name).Union(folded.EnumerateObject().Select(p => p.Name), StringComparer.Ordinal);
            return names.SelectMany(n => Between($"{path}.{Quoted(n)}", n, Member(stored, n), Member(folded, n)));
        }

        if (stored.ValueKind == JsonValueKind.Array && folded.ValueKind == JsonValueKind.Array)
        {
            return Enumerable.Range(0, Math.Max(stored.GetArrayLength(), folded.GetArrayLength()))
                .SelectMany(i => Between(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), name, Item(stored, i), Item(folded, i)));
        }

        return stored.ValueKind == folded.ValueKind && (stored.ValueKind == JsonValueKind.Undefined || JsonElement.DeepEquals(stored, folded))
            ? []
            : [(path, Shown(name, stored), Shown(name, folded))];
    }

    private static JsonElement Member(JsonElement element, string name) => element.TryGetProperty(name, out var member) ? member : default;

    private static JsonElement Item(JsonElement element, int index) => index < element.GetArrayLength() ? element[index] : default;

    private static string Quoted(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? name : $"\"{name}\"";

    private static string Shown(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined => "nothing",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => string.Create(CultureInfo.InvariantCulture, $"a list of {value.GetArrayLength()}"),
        JsonValueKind.String when Prose.Contains(name) => string.Create(CultureInfo.InvariantCulture, $"a text of {value.GetString()!.Length} characters"),
        _ when value.GetRawText() is { Length: > 100 } text => $"{text[..100]}…",
        _ => value.GetRawText(),
    };
}
