using System.Globalization;
using System.Text;

namespace Ntm.Criteria.Search;

/// <summary>Vietnamese as it is typed in a hurry: without marks, in small letters.</summary>
internal static class Folding
{
    /// <summary>Small letters, composed (NFC), marks kept.</summary>
    public static string Lower(string text) => text.Normalize(NormalizationForm.FormC).ToLowerInvariant();

    /// <summary>Small letters without marks; <c>đ</c> is <c>d</c>, which Unicode does not take apart.</summary>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var c in text.Normalize(NormalizationForm.FormD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark) continue;
            folded.Append(c is 'đ' or 'Đ' ? 'd' : char.ToLowerInvariant(c));
        }

        return folded.ToString().Normalize(NormalizationForm.FormC);
    }

    /// <summary>Runs of letters and digits.</summary>
    public static IEnumerable<string> Words(string text)
    {
        var from = -1;
        for (var at = 0; at <= text.Length; at++)
        {
            if (at < text.Length && IsOfWord(text[at]))
            {
                if (from < 0) from = at;
            }
            else if (from >= 0)
            {
                yield return text[from..at];
                from = -1;
            }
        }
    }

    /// <summary>What stands between blanks, without the punctuation around it: <c>8.4</c> and <c>xa-ntm-2021-2025</c> stay whole.</summary>
    public static IEnumerable<string> Terms(string text) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Trimmed).Where(t => t.Length > 0);

    /// <summary>What a question looks for: its terms, with marks and without. A mark that stands alone asks for nothing.</summary>
    public static IEnumerable<(string Lower, string Folded)> Asks(string question) =>
        Terms(Lower(question)).Select(t => (Lower: t, Folded: Fold(t))).Where(t => Words(t.Folded).Any());

    private static string Trimmed(string term)
    {
        var (from, to) = (0, term.Length);
        while (from < to && !IsOfWord(term[from])) from++;
        while (to > from && !IsOfWord(term[to - 1])) to--;
        return term[from..to];
    }

    private static bool IsOfWord(char c) =>
        char.IsLetterOrDigit(c) || char.IsSurrogate(c) || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
