using System.Globalization;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Bulk;

/// <summary>What a cell means, or the rule that it breaks. Nothing is guessed: what can be read in two ways is refused.</summary>
internal static class CellValue
{
    private const int LongestShown = 60;
    private static readonly string[] Days = ["yyyy-MM-dd", "dd/MM/yyyy", "d/M/yyyy", "dd-MM-yyyy", "dd.MM.yyyy"];
    private static readonly string[] Yes = ["có", "true", "x", "yes", "đạt"];
    private static readonly string[] No = ["không", "false", "no", "không đạt"];

    /// <summary>What is wrong with a cell.</summary>
    public sealed record Wrong(string Rule, Text Words);

    public static Wrong Formula { get; } = new("formula", new("Ô chứa công thức; hãy nhập giá trị.", "The cell holds a formula; enter the value."));

    private static Wrong NotANumber { get; } = new("not-a-number", new("Không phải là số.", "This is no number."));

    private static Wrong NotYesNo { get; } = new("not-yes-or-no", new("Nhập có hoặc không (x, true, false).", "Enter có or không (x, true, false)."));

    private static Wrong NotADay { get; } = new("not-a-day", new("Ngày viết là 31/12/2024 hoặc 2024-12-31.", "A day is written 31/12/2024 or 2024-12-31."));

    private static Wrong PercentCell { get; } = new("ambiguous-percent", new(
        "Ô số từ 0 đến 1 có thể là ô định dạng %: nhập 92,5 cho 92,5 %, hoặc nhập dạng văn bản.", "A numeric cell of 0 to 1 may be formatted as %: enter 92.5 for 92.5 %, or enter it as a text."));

    public static string? TextOf(object? cell) => cell switch
    {
        null => null,
        string text => Prose.Clean(CsvTable.TextOf(text)),
        double number => Exact(number)?.ToString(CultureInfo.InvariantCulture) ?? number.ToString("R", CultureInfo.InvariantCulture),
        DateTime day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        bool yes => yes ? "true" : "false",
        _ => Convert.ToString(cell, CultureInfo.InvariantCulture),
    };

    /// <summary>Whether the cell says what stands as our own form writes it; then nothing in it is in doubt.</summary>
    public static bool Repeats(object? cell, ReportedValue standing) => standing switch
    {
        { Number: { } number } => cell is string typed
            && decimal.TryParse(TextOf(typed), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var read) && read == number,
        { Text: { } text } => Same(cell, text),
        _ => false,
    };

    /// <summary>Whether the cell holds the text, but for blanks around it and how its lines end: spreadsheets change both.</summary>
    public static bool Same(object? cell, string? text) => Lines(TextOf(cell)) == Lines(Prose.Clean(text));

    private static string? Lines(string? text) => text?.ReplaceLineEndings("\n");

    /// <summary>The beginning of what somebody wrote, as it is shown to him again.</summary>
    public static string? Shown(string? text) => text is { Length: > LongestShown } ? $"{text[..(char.IsHighSurrogate(text[LongestShown - 2]) ? LongestShown - 2 : LongestShown - 1)]}…" : text;

    /// <summary>Whether the cell is a formula as it was typed; one that was written by us as a text is none.</summary>
    public static bool IsFormula(object? cell) => cell is string text && text.TrimStart() is ['=', ..];

    /// <summary>The value as the indicator's type takes it.</summary>
    /// <param name="doubtful">What is wrong with it unless it repeats what stands.</param>
    public static (ReportedValue? Value, Wrong? Wrong) Read(object cell, string valueType, out Wrong? doubtful)
    {
        doubtful = null;
        if (IsFormula(cell)) return (null, Formula);
        switch (valueType)
        {
            case "text":
                return TextOf(cell) is { } text ? (ReportedValue.Of(text), null) : (null, null);
            case "yesno":
                var word = TextOf(cell)?.ToLowerInvariant();
                return Yes.Contains(word) ? (ReportedValue.Of(true), null) : No.Contains(word) ? (ReportedValue.Of(false), null) : (null, NotYesNo);
            default:
                if (cell is double number)
                {
                    if (valueType == "percent" && number is > 0 and <= 1) doubtful = PercentCell;
                    return Exact(number) is { } exact ? (ReportedValue.Of(exact), null) : (null, NotANumber);
                }

                var (read, wrong) = Number(cell as string is { } typed ? TextOf(valueType == "percent" ? typed.TrimEnd().TrimEnd('%') : typed) : null);
                return (read is { } n ? ReportedValue.Of(n) : null, wrong);
        }
    }

    /// <summary>
    /// A number as people write it: 1.234,5 and 1,234.5 by their two signs, 12,5 and 12.5 by one. Three digits after a single sign may
    /// be thousands or decimals, so that alone is refused.
    /// </summary>
    public static (decimal? Number, Wrong? Wrong) Number(string? text)
    {
        if (text is null) return (null, NotANumber);
        var bare = text.TrimStart('-', '+');
        if (text.Length - bare.Length > 1 || bare.Length == 0 || bare.Any(c => c is not ((>= '0' and <= '9') or '.' or ','))) return (null, NotANumber);
        var (dot, comma) = (bare.LastIndexOf('.'), bare.LastIndexOf(','));
        var last = dot > comma ? '.' : ',';
        var (whole, part) = (bare, "");
        if (dot >= 0 && comma >= 0) (whole, part) = (bare[..Math.Max(dot, comma)], bare[(Math.Max(dot, comma) + 1)..]);
        else if (bare.Count(c => c == last) == 1)
        {
            (whole, part) = (bare[..bare.IndexOf(last, StringComparison.Ordinal)], bare[(bare.IndexOf(last, StringComparison.Ordinal) + 1)..]);
            if (part.Length == 3 && whole is { Length: >= 1 and <= 3 } and not ['0', ..])
            {
                return (null, new("ambiguous-number", new(
                    $"\"{text}\" có thể là {whole}{part} hoặc {whole},{part}: viết {whole}{part}, hoặc thêm một chữ số thập phân ({whole},{part}0).",
                    $"\"{text}\" may be {whole}{part} or {whole}.{part}: write {whole}{part}, or one more decimal ({whole}.{part}0).")));
            }

            if (part.Length == 0) return (null, NotANumber);
        }

        var thousands = whole.Split('.', ',');
        var grouped = thousands.Length > 1;
        if (grouped && (thousands[0].Length is 0 or > 3 || thousands[1..].Any(t => t.Length != 3) || whole.Contains(last, StringComparison.Ordinal) && part.Length > 0)) return (null, NotANumber);
        if (grouped && whole.Contains('.', StringComparison.Ordinal) && whole.Contains(',', StringComparison.Ordinal)) return (null, NotANumber);
        var digits = string.Concat(thousands);
        if (digits.Length == 0 || (bare.Any(c => c is '.' or ',') && dot >= 0 && comma >= 0 && part.Length == 0)) return (null, NotANumber);
        // More than a decimal holds exactly is more than any rule takes.
        if (digits.Length + part.Length > 28) return (ExactNumber.Beyond, null);
        return (decimal.Parse($"{(text[0] == '-' ? "-" : "")}{digits}{(part.Length > 0 ? "." : "")}{part}", CultureInfo.InvariantCulture), null);
    }

    public static (DateOnly? Day, Wrong? Wrong) Day(object? cell)
    {
        if (cell is DateTime day) return (DateOnly.FromDateTime(day), null);
        if (TextOf(cell) is not { } text) return (null, null);
        return DateOnly.TryParseExact(text, Days, CultureInfo.InvariantCulture, DateTimeStyles.None, out var read) ? (read, null) : (null, NotADay);
    }

    /// <summary>A spreadsheet computes with 15 digits and shows no more.</summary>
    private static decimal? Exact(double number)
    {
        if (!double.IsFinite(number)) return null;
        return Math.Abs(number) < 1e18 ? (decimal)number : ExactNumber.Beyond;
    }
}
