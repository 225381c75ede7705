using System.Text;

namespace Ntm.ServiceDefaults;

/// <summary>Text that people write: kept in Unicode NFC, measured in characters as they count them, free of control characters.</summary>
public static class Prose
{
    public const int Longest = 4_000;

    /// <summary>The text in NFC; what is no Unicode text stays as it is and is refused by <see cref="Readable"/>.</summary>
    public static string? Normal(string? text) => text is not null && IsUnicode(text) ? text.Normalize(NormalizationForm.FormC) : text;

    /// <summary>The text in NFC without blanks around it; null when nothing is left.</summary>
    public static string? Clean(string? text) => Normal(text)?.Trim() is { Length: > 0 } clean ? clean : null;

    /// <summary>Bounds of a text that <see cref="Normal"/> or <see cref="Clean"/> has prepared.</summary>
    /// <param name="lines">Whether line breaks and tabs are allowed.</param>
    public static Faults Readable(this Faults faults, string? text, string field, bool required = true, int longest = Longest, bool lines = true)
    {
        if (required) faults.Required(string.IsNullOrWhiteSpace(text) ? null : text, field);
        return faults
            .Unless(text is null || Length(text) <= longest, field, $"Dài nhất {longest} ký tự.", $"At most {longest} characters.")
            .Unless(
                text is null || (IsUnicode(text) && !text.Any(c => char.IsControl(c) && !(lines && c is '\n' or '\r' or '\t'))),
                field, "Không được chứa ký tự điều khiển.", "Control characters are not allowed.");
    }

    private static int Length(string text) => text.EnumerateRunes().Count();

    private static bool IsUnicode(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[++i])) return false;
        }

        return true;
    }
}
