using System.Buffers;
using System.Globalization;
using System.Text;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults;

/// <summary>A table by RFC 4180. No text can become a formula in a spreadsheet; <see cref="TextOf"/> gives the text of a cell back.</summary>
public sealed class CsvTable
{
    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");
    private readonly StringBuilder text = new();

    public CsvTable(params ReadOnlySpan<string> columns)
        : this(bom: false, columns)
    {
    }

    /// <param name="bom">Whether the text begins with a byte order mark, by which a spreadsheet knows UTF-8.</param>
    public CsvTable(bool bom, ReadOnlySpan<string> columns)
    {
        if (bom) text.Append('\uFEFF');
        for (var i = 0; i < columns.Length; i++) text.Append(i > 0 ? "," : "").Append(Quoted(columns[i]));
        text.Append("\r\n");
    }

    /// <summary>Characters that wait to be taken.</summary>
    public int Length => text.Length;

    public void Row(params ReadOnlySpan<object?> cells)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            if (i > 0) text.Append(',');
            text.Append(Cell(cells[i]));
        }

        text.Append("\r\n");
    }

    public override string ToString() => text.ToString();

    /// <summary>What was written since it was taken last.</summary>
    public string Take()
    {
        var taken = text.ToString();
        text.Clear();
        return taken;
    }

    private static string Cell(object? value) => value switch
    {
        null => "",
        ReportedValue { Number: { } number } => Cell(number),
        ReportedValue { Yes: { } yes } => Cell(yes),
        ReportedValue { Text: { } words } => Cell(words),
        bool yes => yes ? "true" : "false",
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        // A number is written by us: its minus sign begins no formula of somebody else.
        int or long or decimal => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        _ => Quoted(Harmless(value.ToString()!)),
    };

    /// <summary>The text that was written into the cell.</summary>
    public static string TextOf(string cell) => cell is ['\'', ..] && CouldBeFormula(cell) ? cell[1..] : cell;

    /// <summary>The text as a cell that is no formula.</summary>
    public static string Harmless(string cell) => CouldBeFormula(cell) ? $"'{cell}" : cell;

    /// <summary>A text that only lacks its apostrophes to be a formula gets one more, so that what is taken off is never the text's own. A workbook makes \n of \r\n.</summary>
    private static bool CouldBeFormula(string cell) => cell.AsSpan().TrimStart('\'') is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n', ..];

    private static string Quoted(string cell) =>
        cell.AsSpan().ContainsAny(Special) ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
}
