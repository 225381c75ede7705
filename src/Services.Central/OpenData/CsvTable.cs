using System.Buffers;
using System.Globalization;
using System.Text;
using Ntm.Contracts;

namespace Ntm.Central.OpenData;

/// <summary>A table by RFC 4180. No text can become a formula in a spreadsheet.</summary>
internal sealed class CsvTable
{
    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");
    private readonly StringBuilder text = new();

    public CsvTable(params ReadOnlySpan<string> columns) => text.AppendJoin(',', columns).Append("\r\n");

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

    private static string Harmless(string cell) => cell is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? $"'{cell}" : cell;

    private static string Quoted(string cell) =>
        cell.AsSpan().ContainsAny(Special) ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
}
