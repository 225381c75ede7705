using System.Text.RegularExpressions;
using Ntm.Appraisal.Confirmations;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal;

/// <summary>Checks that every body shares.</summary>
internal static partial class Input
{
    private const int MostDocuments = 20;
    private const int LongestMediaType = 255;

    /// <summary>A share in percent, exact to six places.</summary>
    public static Faults Percent(this Faults faults, decimal? value, string field) => faults
        .Unless(value is null or (>= 0 and <= 100), field, "Phải từ 0 đến 100 (phần trăm).", "Must be from 0 to 100 (percent).")
        .Unless(value is null || decimal.Round(value.Value, 6) == value, field, "Tối đa 6 chữ số thập phân.", "At most 6 decimal places.");

    public static Faults NotInFuture(this Faults faults, DateOnly? day, string field, DateOnly today) => faults
        .Required(day, field)
        .Unless(day is null || day <= today, field, "Không được ở tương lai.", "Must not be in the future.");

    /// <summary>Documents named by their content; none need be named.</summary>
    public static Faults Documents(this Faults faults, IReadOnlyList<EvidenceRef?>? documents, string field)
    {
        faults.Unless((documents?.Count ?? 0) <= MostDocuments, field, $"Nhiều nhất {MostDocuments} tài liệu.", $"At most {MostDocuments} documents.");
        foreach (var document in documents ?? [])
        {
            faults.Unless(
                    document?.Sha256 is { } hash && Sha256Form().IsMatch(hash),
                    field, "Tài liệu được nêu bằng SHA-256 (64 chữ số thập lục phân).", "A document is named by its SHA-256 (64 hexadecimal digits).")
                .Unless(document?.Size is null or >= 0, field, "Kích thước (byte) không được âm.", "The size in bytes is not negative.")
                .Readable(document?.MediaType, field, required: false, LongestMediaType, lines: false);
        }

        return faults;
    }

    [GeneratedRegex("^[0-9A-Fa-f]{64}$", RegexOptions.NonBacktracking)]
    private static partial Regex Sha256Form();
}
