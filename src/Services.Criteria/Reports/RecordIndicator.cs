using System.Text.RegularExpressions;
using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Evidence;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Reports;

/// <summary>An officer of the unit enters, or corrects, one figure.</summary>
internal static partial class RecordIndicator
{
    private const int MostEvidence = 50;
    private const int LongestMediaType = 255;

    public sealed record Evidence(string? Sha256, long? Size, string? MediaType);

    /// <param name="Reason">Why a figure that stands is corrected.</param>
    /// <param name="BasedOn">Version of the report that an entry was made from while it was away.</param>
    /// <param name="EnteredOn">Day on which it was entered.</param>
    public sealed record Body(
        ReportedValue? Value, DateOnly? ValidOn, string? Note, IReadOnlyList<Evidence?>? Evidence, string? Reason = null, long? BasedOn = null, DateOnly? EnteredOn = null);

    public static Task<IResult> Handle(HttpContext http, string period, string unit, string indicator, Body body, ReportCommands reports) =>
        reports.Run(http, period, unit, c => Decide(c, indicator, body), indicator, evidence: [.. (body.Evidence ?? []).Take(MostEvidence).Select(e => e?.Sha256).OfType<string>().Where(h => Sha256Form().IsMatch(h)).Select(h => h.ToLowerInvariant()).Distinct(StringComparer.Ordinal)]);

    public static Decision Decide(ReportCase c, string code, Body body)
    {
        if (!c.Tree.ActsAs(c.Actor, c.EntryRole, c.Chain.Unit.Id, c.Today))
            return Refusal.Forbidden("Chỉ cán bộ của đơn vị được nhập số liệu của đơn vị đó.", "Only the unit's own officers enter its figures.");
        return DecideFigure(c, code, body);
    }

    /// <summary>What holds whoever brings the figure in: by hand or in a file.</summary>
    public static Decision DecideFigure(ReportCase c, string code, Body body)
    {
        if (c.Set.Find(code) is not { } indicator) return c.NoIndicator(code);

        if (Check(c, indicator, body).Refuse() is { } refusal) return refusal;
        if (c.Period.Closed) return c.PeriodClosed();
        if (!IsUnlocked(c, code))
        {
            return Refusal.Conflict(
                "report-locked",
                $"Báo cáo đang ở trạng thái {ReportView.NameOf(c.Status)}; chỉ tiêu này đang khóa.",
                $"The report is {ReportView.NameOf(c.Status)}; this indicator is locked.");
        }

        var recorded = new IndicatorRecorded(
            code, Normalised(body.Value!), body.ValidOn!.Value, Prose.Normal(body.Note),
            [.. (body.Evidence ?? []).Select(e => RefOf(c, e!))], c.Actor.Person, c.Now, body.EnteredOn);
        if (FigureConflict.Of(c.Report, recorded, body.BasedOn, c.Actor.Named) is { } conflict) return conflict.Refuse();
        if (body.BasedOn is not null && Prose.Clean(body.Reason) is null && FigureConflict.OfAnother(c.Report, recorded, c.Actor.Named) is not null)
            return Refusal.Invalid("reason", "reason-required", "Thay số liệu của người khác đã xem cần lý do.", "To replace what somebody else entered, having seen it, takes a reason.");
        if (c.Report?.Figures.ContainsKey(code) == true)
        {
            return Decision.Record(new IndicatorCorrected(
                code, recorded.Value, recorded.ValidOn, recorded.Note, recorded.Evidence, Prose.Clean(body.Reason), recorded.By, recorded.At, recorded.EnteredOn));
        }

        return c.Report is null
            ? Decision.Record(new ReportOpened(c.Period.Code, c.Chain.Unit.Id, c.Set.Id, c.Period.FiguresAsOf, c.Actor.Person, c.Now, c.SetVersion), recorded)
            : Decision.Record(recorded);
    }

    /// <summary>Where the file is kept, it says itself how large it is and of what kind.</summary>
    private static EvidenceRef RefOf(ReportCase c, Evidence given)
    {
        var sha = given.Sha256!.ToLowerInvariant();
        return c.Held.GetValueOrDefault(sha) is { } file ? new(sha, file.Size, file.MediaType) : new(sha, given.Size, given.MediaType);
    }

    /// <summary>An open report takes everything; a returned one what was sent back or is missing.</summary>
    private static bool IsUnlocked(ReportCase c, string code) => c.Status switch
    {
        ReportStatus.Open => true,
        ReportStatus.Returned => c.Report!.Figures.GetValueOrDefault(code) is null or { Unlocked: true },
        _ => false,
    };

    private static Faults Check(ReportCase c, Indicator indicator, Body body)
    {
        var faults = new Faults().Required(body.Value, "value").Required(body.ValidOn, "validOn")
            .Unless(body.ValidOn is null || body.ValidOn <= c.Period.FiguresAsOf, "validOn", $"Số liệu của kỳ này tính đến {c.Period.FiguresAsOf:yyyy-MM-dd}.", $"The period's figures are as of {c.Period.FiguresAsOf:yyyy-MM-dd}.", c.Period.CutOffAct ?? c.Period.Basis)
            .Unless(body.ValidOn is null || body.ValidOn <= c.Today, "validOn", "Ngày của số liệu không được sau hôm nay.", "A figure is not valid on a day to come.", c.Period.CutOffAct ?? c.Period.Basis)
            .Readable(Prose.Normal(body.Note), "note", required: false)
            .Readable(Prose.Clean(body.Reason), "reason", required: false)
            .Unless(
                Prose.Clean(body.Reason) is null || c.Report?.Figures.ContainsKey(indicator.Code) == true, "reason", "Chưa có số liệu nào để đính chính.", "No figure stands yet that could be corrected.")
            .Unless(
                body.BasedOn is null || (body.BasedOn >= 0 && body.BasedOn <= (c.Report?.Version ?? 0)), "basedOn", $"Phiên bản của báo cáo từ 0 đến {c.Report?.Version ?? 0}.",
                $"The report's versions are 0 to {c.Report?.Version ?? 0}.")
            .Unless(
                body.EnteredOn is null || body.BasedOn is not null || c.Report?.Figures.ContainsKey(indicator.Code) != true, "basedOn",
                "Đã có số liệu: bản nhập ngoại tuyến cần nêu phiên bản báo cáo đã xem khi nhập.", "A figure stands: an offline entry names the version of the report that it was made from.")
            .Unless(body.EnteredOn is null || body.EnteredOn <= c.Today, "enteredOn", "Ngày nhập không được sau hôm nay.", "The day of the entry is not to come.")
            .Unless((body.Evidence?.Count ?? 0) <= MostEvidence, "evidence", $"Nhiều nhất {MostEvidence} minh chứng.", $"At most {MostEvidence} pieces of evidence.");
        foreach (var evidence in (body.Evidence ?? []).Take(MostEvidence))
        {
            faults.Unless(evidence?.Sha256 is { } hash && Sha256Form().IsMatch(hash), "evidence", "Minh chứng được nêu bằng SHA-256 (64 chữ số thập lục phân).", "Evidence is named by its SHA-256 (64 hexadecimal digits).")
                .Unless(evidence?.Size is null or >= 0, "evidence", "Kích thước (byte) không được âm.", "The size in bytes is not negative.")
                .Readable(evidence?.MediaType, "evidence", required: false, LongestMediaType, lines: false);
            if (evidence?.Sha256 is not { } sha || c.Held.GetValueOrDefault(sha.ToLowerInvariant()) is not { } file) continue;
            faults.Unless(evidence.Size is null || evidence.Size == file.Size, "evidence", $"Tệp {file.Sha256} có {file.Size} byte.", $"The file {file.Sha256} has {file.Size} bytes.")
                .Unless(
                    evidence.MediaType is null || FileKinds.Of(file.MediaType)?.IsNamed(evidence.MediaType) == true, "evidence", $"Tệp {file.Sha256} thuộc loại {file.MediaType}.",
                    $"The file {file.Sha256} is {file.MediaType}.");
        }

        if (body.Value is not { } value) return faults;
        // What an indicator measures, and in what, is the set's own law.
        var act = indicator.LegalSource ?? c.Set.LegalText;
        return indicator.ValueType switch
        {
            "yesno" => faults.Unless(value.Yes is not null, "value", "Chỉ tiêu này nhận true hoặc false.", "This indicator takes true or false.", act),
            "text" => faults.Unless(value.Text is not null, "value", "Chỉ tiêu này nhận văn bản.", "This indicator takes a text.", act).Readable(Prose.Normal(value.Text), "value"),
            "percent" => CheckNumber(faults, value, act).Unless(value.Number is null or (>= 0 and <= 100), "value", "Tỷ lệ phần trăm từ 0 đến 100.", "A percentage is 0 to 100.", act),
            _ => CheckNumber(faults, value, act),
        };
    }

    private static Faults CheckNumber(Faults faults, ReportedValue value, string act) => faults
        .Unless(value.Number is not null, "value", "Chỉ tiêu này nhận một số.", "This indicator takes a number.", act)
        .Unless(value.Number is not { } n || Fits(n), "value", "Số có nhiều nhất 18 chữ số, trong đó 6 chữ số sau dấu thập phân.", "A number has at most 18 digits, 6 of them after the point.");

    internal static bool Fits(decimal number)
    {
        var bare = number / 1.0000000000000000000000000000m;
        return bare.Scale <= 6 && decimal.Truncate(Math.Abs(bare)).ToString(System.Globalization.CultureInfo.InvariantCulture).Length + bare.Scale <= 18;
    }

    private static ReportedValue Normalised(ReportedValue value) => value.Text is { } text ? ReportedValue.Of(Prose.Normal(text)!) : value;

    [GeneratedRegex(@"\A[0-9a-fA-F]{64}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Sha256Form();
}
