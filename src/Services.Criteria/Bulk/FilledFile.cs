using System.IO.Compression;
using System.Text.RegularExpressions;
using MiniExcelLibs;
using Ntm.Criteria.Units.Exchange;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Bulk;

/// <summary>One row of a filled-in file.</summary>
/// <param name="Number">Row of the sheet, or line of the text that it begins on; the header is 1.</param>
/// <param name="Cells">By column, null where the cell is empty; a column that the file does not have is not among them.</param>
/// <param name="Fault">Why the row as such cannot be read.</param>
internal sealed record FilledRow(int Number, IReadOnlyDictionary<string, object?> Cells, RowFault? Fault = null)
{
    /// <summary>Whether the file says anything in that column, be it nothing.</summary>
    public bool Has(string column) => Cells.ContainsKey(column);

    /// <summary>What stands in the column: a text, a number, a day or yes/no; null where it is empty.</summary>
    public object? this[string column] => Cells.GetValueOrDefault(column);

    /// <summary>The cell as a text in NFC without blanks around it; null where it is empty.</summary>
    public string? Text(string column) => CellValue.TextOf(this[column]);
}

/// <summary>Reads what an officer sends back: a workbook or CSV, told apart by content; the columns are told by their headings, in any order.</summary>
internal static partial class FilledFile
{
    public const int MostRows = 100_000;

    /// <summary>Characters of a cell: what a spreadsheet itself takes.</summary>
    public const int LongestCell = 32_767;
    private const int MostColumns = 64;

    /// <summary>Rows of a sheet, the empty ones among them.</summary>
    private const int MostSheetRows = 1_048_576;

    /// <summary>Cells that a workbook says it has, the empty ones among them: each costs time.</summary>
    private const long MostSheetCells = 100_000_000;

    /// <summary>Bytes of a workbook when it is unpacked.</summary>
    private const long MostUnpacked = 100 * 1024 * 1024;

    public static async Task<(IReadOnlyList<FilledRow> Rows, Refusal? Refusal)> ReadAsync(Stream body, CancellationToken ct)
    {
        body.Position = 0;
        var head = new byte[4];
        var length = await body.ReadAtLeastAsync(head, 4, throwOnEndOfStream: false, ct);
        body.Position = 0;
        if (head.AsSpan(0, length).SequenceEqual("PK\u0003\u0004"u8)) return Gather(Workbook(body, ct), separated: false);
        var bytes = new byte[body.Length];
        await body.ReadExactlyAsync(bytes, ct);
        // A spreadsheet separates by what its country takes no decimals with.
        var (rows, unreadable) = CsvRows.Read(bytes, SeparatorOf(bytes), (MostRows + 1, MostColumns));
        return unreadable is not null ? ([], unreadable) : Gather(rows.Select(r => (r.Line, r.Cells.Select(c => (object?)c).ToArray())), separated: true);
    }

    /// <param name="separated">Whether a sign within a value may have made two cells of one.</param>
    private static (IReadOnlyList<FilledRow>, Refusal?) Gather(IEnumerable<(int Number, object?[] Cells)> rows, bool separated)
    {
        string?[]? columns = null;
        var (headed, counted) = (0, 0);
        List<FilledRow> filled = [];
        try
        {
            foreach (var (number, cells) in rows)
            {
                if (number > MostSheetRows) return ([], TooMany);
                var width = Array.FindLastIndex(cells, c => c is not (null or "")) + 1;
                if (width == 0) continue;
                if (width > MostColumns) return ([], TooWide);
                if (++counted > MostRows + 1) return ([], TooMany);
                if (columns is null)
                {
                    headed = cells.Length;
                    columns = [.. cells[..width].Select(c => KeyOf(c as string))];
                    if (Missing(columns) is { } refusal) return ([], refusal);
                    continue;
                }

                var named = new Dictionary<string, object?>(StringComparer.Ordinal);
                // A decimal comma without quotation marks makes one cell too many, and of 92,5 it would make 92.
                var fault = separated && (width > columns.Length || cells.Length > headed) ? TooManyCells(number) : null;
                for (var n = 0; n < Math.Min(cells.Length, columns.Length); n++)
                {
                    if (columns[n] is not { } column) continue;
                    if (cells[n] is string { Length: > LongestCell }) fault ??= TooLong(number, column);
                    else named[column] = cells[n] is "" ? null : cells[n];
                }

                if (fault is not null || named.Values.Any(v => v is not null)) filled.Add(new(number, named, fault));
            }
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
        {
            // Whatever is wrong inside a broken workbook, it is the file's fault.
            return ([], Broken);
        }

        return columns is null ? ([], Missing([])) : (filled, null);
    }

    private static IEnumerable<(int Number, object?[] Cells)> Workbook(Stream body, CancellationToken ct)
    {
        using (var zip = new ZipArchive(body, ZipArchiveMode.Read, leaveOpen: true))
            if (zip.Entries.Sum(e => e.Length) > MostUnpacked) throw new InvalidDataException("The workbook unpacks to more than is taken.");
        body.Position = 0;
        var number = 0;
        var told = 0L;
        foreach (IDictionary<string, object?> row in body.Query(useHeaderRow: false))
        {
            ct.ThrowIfCancellationRequested();
            if ((told += row.Count) > MostSheetCells) throw new InvalidDataException("The workbook has more cells than are taken.");
            yield return (++number, [.. row.Values]);
        }
    }

    private static char SeparatorOf(byte[] bytes)
    {
        var header = bytes.AsSpan(0, bytes.AsSpan().IndexOf((byte)'\n') is >= 0 and var end ? end : bytes.Length);
        return header.Count((byte)';') > header.Count((byte)',') ? ';' : ',';
    }

    /// <summary>The key in the brackets of a heading, or the heading itself where it is a bare key.</summary>
    private static string? KeyOf(string? heading)
    {
        var text = heading?.Trim().TrimStart('\uFEFF') ?? "";
        var key = Bracketed().Match(text) is { Success: true } found ? found.Groups[1].Value : text;
        return Template.Columns.FirstOrDefault(c => string.Equals(c.Key, key, StringComparison.OrdinalIgnoreCase))?.Key;
    }

    private static Refusal? Missing(IReadOnlyList<string?> columns)
    {
        foreach (var needed in (string[])[Template.Unit, Template.Indicator, Template.Value])
        {
            if (!columns.Contains(needed))
                return Refusal.Malformed(needed, "missing-column", $"Dòng đầu phải có cột [{needed}].", $"The first row must have the column [{needed}].");
        }

        foreach (var twice in columns.OfType<string>().GroupBy(c => c, StringComparer.Ordinal).Where(g => g.Count() > 1))
            return Refusal.Malformed(twice.Key, "duplicate-column", $"Cột [{twice.Key}] có hai lần.", $"The column [{twice.Key}] is there twice.");
        return null;
    }

    private static RowFault TooManyCells(int row) => new(row, null, "too-many-cells", new(
        "Dòng có nhiều ô hơn dòng tiêu đề: số có dấu phẩy thập phân phải để trong dấu nháy kép (\"92,5\") hoặc viết 92.5.",
        "The row has more cells than the header: a number with a decimal comma stands in quotation marks (\"92,5\") or is written 92.5."));

    private static RowFault TooLong(int row, string column) => new(row, column, "cell-too-long", new($"Ô dài nhất {LongestCell} ký tự.", $"A cell has at most {LongestCell} characters."));

    private static Refusal TooMany { get; } = Refusal.Malformed("body", "too-many-rows", $"Tệp có quá {MostRows} dòng.", $"The file has more than {MostRows} rows.");

    private static Refusal TooWide { get; } = Refusal.Malformed("body", "too-many-columns", $"Tệp có quá {MostColumns} cột.", $"The file has more than {MostColumns} columns.");

    private static Refusal Broken { get; } = Refusal.Malformed("body", "malformed-body", "Tệp XLSX không đọc được.", "The XLSX file cannot be read.");

    [GeneratedRegex(@"\[([A-Za-z]+)\]\s*\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Bracketed();
}
