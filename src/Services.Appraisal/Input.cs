using System.Text.RegularExpressions;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Recognitions;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal;

/// <summary>Checks that every body shares.</summary>
internal static partial class Input
{
    private const int MostDocuments = 20;
    private const int LongestNumber = 100;
    private const int LongestMediaType = 255;

    /// <summary>A share in percent, exact to six places.</summary>
    public static Faults Percent(this Faults faults, decimal? value, string field) => faults
        .Unless(value is null or (>= 0 and <= 100), field, "Phải từ 0 đến 100 (phần trăm).", "Must be from 0 to 100 (percent).")
        .Unless(value is null || decimal.Round(value.Value, 6) == value, field, "Tối đa 6 chữ số thập phân.", "At most 6 decimal places.");

    public static Faults NotInFuture(this Faults faults, DateOnly? day, string field, DateOnly today) => faults
        .Required(day, field)
        .Unless(day is null || day <= today, field, "Không được ở tương lai.", "Must not be in the future.");

    /// <summary>A number of a paper (số văn bản): what nobody sees in it would make it look like another one.</summary>
    public static Faults Number(this Faults faults, string? number, string field, bool required = true) => faults
        .Readable(number, field, required, LongestNumber, lines: false)
        .Unless(
            number is null || !DecisionNumber.HasInvisible(number), field,
            "Không được chứa ký tự vô hình (độ rộng bằng không, đổi chiều chữ …).", "Invisible characters (of no width, turning the direction …) are not allowed.");

    /// <summary>Documents named by their content; none need be named.</summary>
    /// <param name="held">Those whose content is kept here: what is said of them is what they are.</param>
    public static Faults Documents(this Faults faults, IReadOnlyList<EvidenceBody?>? documents, IReadOnlyList<KeptDocument> held, string field)
    {
        faults.Unless((documents?.Count ?? 0) <= MostDocuments, field, $"Nhiều nhất {MostDocuments} tài liệu.", $"At most {MostDocuments} documents.");
        var named = (documents ?? []).Take(MostDocuments).ToArray();
        for (var i = 0; i < named.Length; i++)
        {
            var (at, document) = ($"{field}[{i}]", named[i]);
            var kept = held.FirstOrDefault(h => h.IsNamed(document?.Sha256));
            faults.Unless(
                    document?.Sha256 is { } hash && Sha256Form().IsMatch(hash) && hash.AsSpan().ContainsAnyExcept('0'),
                    $"{at}.sha256", "Tài liệu được nêu bằng SHA-256 (64 chữ số thập lục phân).", "A document is named by its SHA-256 (64 hexadecimal digits).")
                .Unless(document?.Size is null or > 0, $"{at}.size", "Kích thước (byte) phải lớn hơn 0.", "The size in bytes is more than 0.")
                .Readable(document?.MediaType, $"{at}.mediaType", required: false, LongestMediaType, lines: false)
                .Unless(document?.MediaType is not { } type || FileKinds.Named(type) is not null, $"{at}.mediaType", "Loại tệp không thuộc loại được nhận.", "It is no kind of file that is accepted.")
                .Unless(kept is null || document!.Size is null || document.Size == kept.Size, $"{at}.size", $"Tệp đã nộp có {kept?.Size} byte.", $"The file that was brought in has {kept?.Size} bytes.")
                .Unless(
                    kept is null || document!.MediaType is not { } said || FileKinds.Of(kept.MediaType)?.IsNamed(said) == true, $"{at}.mediaType",
                    $"Tệp đã nộp thuộc loại {kept?.MediaType}.", $"The file that was brought in is {kept?.MediaType}.");
        }

        return faults;
    }

    [GeneratedRegex("^[0-9A-Fa-f]{64}$", RegexOptions.NonBacktracking)]
    private static partial Regex Sha256Form();
}
