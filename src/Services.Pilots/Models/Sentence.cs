using System.Text;

namespace Ntm.Pilots.Models;

/// <summary>One line of text from outside.</summary>
public static class Sentence
{
    /// <summary>NFC, without blanks around it; null when nothing is left.</summary>
    public static string? Clean(string? text) =>
        text is not null && IsUnicode(text) ? text.Normalize(NormalizationForm.FormC).Trim() is { Length: > 0 } clean ? clean : null : text;

    /// <summary>Neither control characters, which the store cannot keep, nor halves of characters.</summary>
    public static bool IsReadable(string? text) => text is null || (IsUnicode(text) && !text.Any(char.IsControl));

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
