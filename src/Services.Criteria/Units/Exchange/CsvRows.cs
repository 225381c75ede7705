using System.Text;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Exchange;

/// <summary>Rows of a table by RFC 4180; line breaks are CRLF or LF, empty lines are left out.</summary>
internal static class CsvRows
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The rows, each with the line that it begins on, or the refusal of the line that cannot be read.</summary>
    /// <param name="most">Null: rows as they are. Else reading ends behind the first row or cell beyond it, and rows without any text do not count.</param>
    public static (IReadOnlyList<(int Line, string[] Cells)> Rows, Refusal? Refusal) Read(byte[] bytes, char separator = ',', (int Rows, int Cells)? most = null)
    {
        string text;
        try
        {
            text = Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return ([], Unreadable(1 + bytes.Count(b => b == '\n'), "nội dung phải là UTF-8", "the text must be UTF-8"));
        }

        return text.Contains('\0', StringComparison.Ordinal)
            ? ([], Unreadable(1 + text.AsSpan(0, text.IndexOf('\0', StringComparison.Ordinal)).Count('\n'), "có ký tự U+0000", "it holds the character U+0000"))
            : Parse(text is ['\uFEFF', .. var rest] ? rest : text, separator, most);
    }

    public static Refusal Unreadable(int line, string vi, string en) => Refusal.Malformed("body", "malformed-body", $"Dòng {line}: {vi}.", $"Line {line}: {en}.");

    private static (IReadOnlyList<(int, string[])>, Refusal?) Parse(string text, char separator, (int Rows, int Cells)? most)
    {
        ReadOnlySpan<char> ends = [separator, '\r', '\n', '"'];
        List<(int, string[])> rows = [];
        List<string> cells = [];
        var cell = new StringBuilder();
        var (line, begun, at) = (1, 1, 0);
        var beyond = false;
        while (at < text.Length)
        {
            if (text[at] == '"')
            {
                var (end, closed) = Quoted(text, at + 1, cell);
                if (!closed) return ([], Unreadable(begun, "dấu nháy kép không đóng", "a quotation mark is not closed"));
                line += text.AsSpan(at, end - at).Count('\n');
                at = end;
                if (at < text.Length && text[at] is not ('\r' or '\n') && text[at] != separator) return ([], Unreadable(line, "có chữ sau dấu nháy đóng", "text follows a closing quotation mark"));
            }
            else
            {
                var length = text.AsSpan(at).IndexOfAny(ends);
                length = length < 0 ? text.Length - at : length;
                cell.Append(text, at, length);
                at += length;
                if (at < text.Length && text[at] == '"') return ([], Unreadable(line, "dấu nháy kép giữa ô", "a quotation mark stands inside a cell"));
            }

            if (cells.Count < most?.Cells || most is null) cells.Add(cell.ToString());
            else beyond |= cell.Length > 0;
            cell.Clear();
            if (at >= text.Length) break;
            if (text[at] == separator)
            {
                at++;
                if (at == text.Length && (cells.Count < most?.Cells || most is null)) cells.Add("");
                continue;
            }

            at += text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 2 : 1;
            EndRow();
            if (rows.Count > most?.Rows) return (rows, null);
            begun = ++line;
        }

        EndRow();
        return (rows, null);

        void EndRow()
        {
            // One cell more than is taken says that there are more.
            if (beyond) cells.Add("…");
            if (most is null ? cells.Count > 1 || cells is [{ Length: > 0 }] : cells.Exists(c => c.Length > 0)) rows.Add((begun, [.. cells]));
            cells.Clear();
            beyond = false;
        }
    }

    /// <summary>Reads on from behind the opening mark to behind the closing one; two marks are one.</summary>
    private static (int End, bool Closed) Quoted(string text, int at, StringBuilder cell)
    {
        while (text.IndexOf('"', at) is >= 0 and var mark)
        {
            cell.Append(text, at, mark - at);
            if (mark + 1 >= text.Length || text[mark + 1] != '"') return (mark + 1, true);
            cell.Append('"');
            at = mark + 2;
        }

        return (text.Length, false);
    }
}
