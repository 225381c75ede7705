using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using MiniExcelLibs;
using MiniExcelLibs.OpenXml;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults;

/// <summary>A list that is also given away whole, as a file.</summary>
public sealed record TakesFormat;

/// <summary>
/// A list as a page, or whole as a CSV, XLSX or JSON file where the caller asks for one (<c>?format=</c>, or <c>Accept</c>): no limit, and
/// the rows are sent as they are read. No text becomes a formula in a spreadsheet.
/// </summary>
public static class Exports
{
    public const string Csv = "csv";
    public const string Xlsx = "xlsx";
    public const string Json = "json";
    public const string CsvType = "text/csv; charset=utf-8";
    public const string XlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    /// <summary>A spreadsheet's number has 15 digits; what has more is written as a text.</summary>
    private const decimal MostExact = 999_999_999_999_999m;
    private const int Chunk = 32 * 1024;
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<Column>> Known = new();

    public static TBuilder WithExport<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new TakesFormat());

    /// <summary>The format of the file that the caller wants, null for a page, or the refusal of one that is not offered.</summary>
    public static (string? Format, Refusal? Refusal) Asked(HttpContext http)
    {
        if (http.Request.Query["format"] is [{ } format])
        {
            return format is Csv or Xlsx or Json
                ? (format, null)
                : (null, Refusal.Malformed("format", "malformed-query", "format là csv, xlsx hoặc json.", "format is csv, xlsx or json."));
        }

        var accepted = http.Request.GetTypedHeaders().Accept.Where(a => a.Quality is not 0).OrderByDescending(a => a.Quality ?? 1).FirstOrDefault()?.MediaType.Value;
        return (accepted switch { "text/csv" => Csv, XlsxType => Xlsx, _ => null }, null);
    }

    /// <summary>Items in the order of the key (ordinal): the page after the given one, or all of them as a file.</summary>
    public static IResult Answer<T>(HttpContext http, string name, IEnumerable<T> ordered, Func<T, string> key, string? after, int limit) => Asked(http) switch
    {
        (_, { } refusal) => Problems.Of(refusal),
        ({ } format, _) => Of(http, name, format, ordered.ToAsyncEnumerable()),
        _ => TypedResults.Ok(Paging.Page(http, ordered, key, after, limit)),
    };

    /// <summary>The same of items that are read as they are asked for, and that begin after the page before.</summary>
    public static async Task<IResult> AnswerAsync<T>(HttpContext http, string name, IAsyncEnumerable<T> ordered, Func<T, string> key, int limit)
    {
        var (format, refusal) = Asked(http);
        if (refusal is not null) return Problems.Of(refusal);
        if (format is not null) return Of(http, name, format, ordered);
        var items = await ordered.Take(limit + 1).ToListAsync(http.RequestAborted);
        return TypedResults.Ok(Paging.Page(http, items, key, null, limit));
    }

    /// <summary>A list that has no pages: as the given answer, or as a file.</summary>
    /// <param name="asOfPosition">As of <see cref="Of"/>.</param>
    public static IResult Whole<T>(HttpContext http, string name, IEnumerable<T> items, long? asOfPosition, Func<IResult> answer) => Asked(http) switch
    {
        (_, { } refusal) => Problems.Of(refusal),
        ({ } format, _) => Of(http, name, format, items.ToAsyncEnumerable(), asOfPosition),
        _ => answer(),
    };

    /// <summary>All rows as a file.</summary>
    /// <param name="asOfPosition">Store position of an answer to <c>asOf</c>, which a file carries in the header <c>As-Of-Position</c>.</param>
    public static IResult Of<T>(HttpContext http, string name, string format, IAsyncEnumerable<T> rows, long? asOfPosition = null)
    {
        if (asOfPosition is { } position) http.Response.Headers["As-Of-Position"] = position.ToString(CultureInfo.InvariantCulture);
        return new FileResult<T>(name, format, rows);
    }

    /// <summary>Cells under their headings as a workbook; it is written aside and sent from there, so that memory holds a row at a time.</summary>
    /// <param name="rows">The first one is the header.</param>
    public static async Task SendXlsxAsync(HttpContext http, string name, IEnumerable<object?[]> rows, OpenXmlConfiguration? layout = null)
    {
        await using var file = Aside();
        // The library's own asynchronous way writes a part in the wrong place.
        await Task.Run(() => file.SaveAs(rows.Select(Spread), printHeader: false, configuration: layout), http.RequestAborted);
        Head(http, name, Xlsx, XlsxType);
        http.Response.ContentLength = file.Length;
        file.Position = 0;
        await file.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    /// <summary>A file for what is sent slowly; it is gone when it is closed.</summary>
    public static FileStream Aside() => new(Path.Combine(Path.GetTempPath(), $"ntm-{Guid.CreateVersion7():N}"), new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
    });

    public static void Head(HttpContext http, string name, string extension, string type)
    {
        http.Response.ContentType = type;
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName($"{name}.{extension}");
        http.Response.Headers.ContentDisposition = disposition.ToString();
    }

    /// <summary>A cell as a spreadsheet takes it.</summary>
    private static object? Spreadable(object? value) => value switch
    {
        ReportedValue v => Spreadable((object?)v.Number ?? (object?)v.Yes ?? v.Text),
        decimal n when n is > MostExact or < -MostExact || decimal.Round(n, 15).Scale + Math.Truncate(Math.Abs(n)).ToString(CultureInfo.InvariantCulture).Length > 15 => n.ToString(CultureInfo.InvariantCulture),
        null or bool or int or long or decimal => value,
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => CsvTable.Harmless(value.ToString()!),
    };

    private static Dictionary<string, object?> Spread(object?[] cells)
    {
        var row = new Dictionary<string, object?>(cells.Length, StringComparer.Ordinal);
        for (var n = 0; n < cells.Length; n++) row[n.ToString(CultureInfo.InvariantCulture)] = Spreadable(cells[n]);
        return row;
    }

    /// <param name="Read">The cell of an item; a list of texts is one text, what has parts of its own is JSON.</param>
    private sealed record Column(string Name, Func<object, object?> Read);

    private static IReadOnlyList<Column> ColumnsOf(Type item) => Known.GetOrAdd(item, static type =>
    [
        .. from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
           where property.GetIndexParameters().Length == 0 && property.Name != "EqualityContract"
           select new Column(JsonNamingPolicy.CamelCase.ConvertName(property.Name), source => CellOf(property.GetValue(source))),
    ]);

    private static object? CellOf(object? value) => value switch
    {
        null or string or bool or int or long or decimal or DateOnly or ReportedValue => value,
        DateTimeOffset instant => instant.ToVietnam().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture),
        Guid or Enum => value.ToString(),
        IEnumerable<string> texts => string.Join("; ", texts),
        IEnumerable list when !list.Cast<object?>().Any() => null,
        _ => JsonSerializer.Serialize(value, NtmJson.Http),
    };

    private sealed record Listed<T>(IAsyncEnumerable<T> Items, string? Next);

    private sealed class FileResult<T>(string name, string format, IAsyncEnumerable<T> rows) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => format switch
        {
            Csv => CsvAsync(httpContext),
            Xlsx => SendXlsxAsync(httpContext, name, Cells()),
            _ => JsonAsync(httpContext),
        };

        private async Task CsvAsync(HttpContext http)
        {
            Head(http, name, Csv, CsvType);
            var columns = ColumnsOf(typeof(T));
            // Without the mark a spreadsheet reads Vietnamese as something else.
            var table = new CsvTable(bom: true, [.. columns.Select(c => c.Name)]);
            await foreach (var row in rows.WithCancellation(http.RequestAborted))
            {
                table.Row([.. columns.Select(c => c.Read(row!))]);
                if (table.Length > Chunk) await http.Response.WriteAsync(table.Take(), http.RequestAborted);
            }

            await http.Response.WriteAsync(table.Take(), http.RequestAborted);
        }

        private async Task JsonAsync(HttpContext http)
        {
            Head(http, name, Json, "application/json; charset=utf-8");
            await JsonSerializer.SerializeAsync(http.Response.Body, new Listed<T>(rows, null), NtmJson.Http, http.RequestAborted);
        }

        private IEnumerable<object?[]> Cells()
        {
            var columns = ColumnsOf(typeof(T));
            yield return [.. columns.Select(c => c.Name)];
            foreach (var row in rows.ToBlockingEnumerable()) yield return [.. columns.Select(c => c.Read(row!))];
        }
    }
}
