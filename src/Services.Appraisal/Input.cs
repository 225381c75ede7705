using System.Text;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal;

/// <summary>Checks that every body shares.</summary>
internal static class Input
{
    private const int LongestText = 4_000;

    /// <summary>Text as it is kept: without blanks around, in Unicode NFC.</summary>
    public static string? Clean(string? text) => text?.Trim().Normalize(NormalizationForm.FormC);

    public static Faults Words(this Faults faults, string? text, string field, bool required = true, int longest = LongestText)
    {
        if (required) faults.Required(text, field);
        return faults
            .Unless(text is null || text.Length <= longest, field, $"Dài quá {longest} ký tự.", $"Longer than {longest} characters.")
            .Unless(text is null || !text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')), field, "Có ký tự điều khiển.", "Contains control characters.");
    }

    /// <summary>A share in percent, exact to six places.</summary>
    public static Faults Percent(this Faults faults, decimal? value, string field) => faults
        .Unless(value is null or (>= 0 and <= 100), field, "Phải từ 0 đến 100 (phần trăm).", "Must be from 0 to 100 (percent).")
        .Unless(value is null || decimal.Round(value.Value, 6) == value, field, "Tối đa 6 chữ số thập phân.", "At most 6 decimal places.");

    public static Faults NotInFuture(this Faults faults, DateOnly? day, string field, DateOnly today) => faults
        .Required(day, field)
        .Unless(day is null || day <= today, field, "Không được ở tương lai.", "Must not be in the future.");
}
