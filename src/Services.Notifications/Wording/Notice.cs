using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.Contracts.Criteria;
using Ntm.Contracts.Pilots;
using Ntm.ServiceDefaults;

namespace Ntm.Notifications.Wording;

/// <summary>What a fact has to tell. Texts name units, periods and steps, never persons and no free text that somebody wrote.</summary>
/// <param name="Unit">The unit concerned; a step that names no unit is its own.</param>
/// <param name="Thing">What it is about.</param>
/// <param name="Happened">What happened, as a sentence.</param>
/// <param name="Link">Path of the call that shows the thing.</param>
/// <param name="Next">Steps that are open now.</param>
public sealed record Notice(string Kind, UnitRef Unit, Text Thing, Text Happened, string Link, IReadOnlyList<NextStep> Next)
{
    /// <summary>Units whose officers are told beside those that are asked to act.</summary>
    public IReadOnlyList<UnitRef> Told { get; init; } = [Unit];

    /// <summary>Ids of persons who are told beside those that are asked to act.</summary>
    public IReadOnlyList<string> ToldPersons { get; init; } = [];

    /// <summary>Null for a fact that asks nobody and concerns no one unit.</summary>
    public static Notice? Of(IIntegrationEvent fact) => fact switch
    {
        ReportSubmitted e => Report("report-submitted", e.Report, new("đã được nộp", "was submitted")),
        ReportReturned e => Report("report-returned", e.Report, new("đã bị trả lại", "was returned"), ReturnedOf(e.Report)),
        ReportVerified e => Report("report-verified", e.Report, new("đã được thẩm tra", "was verified")),
        ReportApproved e => Report("report-approved", e.Report, new("đã được phê duyệt", "was approved")),
        ReportReopened e => Report("report-reopened", e.Report, new("đã được mở lại", "was opened again")),
        // What is late when it begins asks nobody by this; its passed day does.
        PeriodOpened { Period.Units.Ends: var ends } e when ends < VietnamTime.DayOf(e.Origin.RecordedAt) => null,
        PeriodOpened e => Period("period-opened", e.Period, Opened(e.Period)) with { Told = [] },
        PeriodClosing e => Period("period-closing", e.Period, Near(e), e.Level) with { Told = OfDepartment(e.Level) ? [e.Period.Province] : [] },
        PeriodDuePassed e => Period("period-due-passed", e.Period, Late(e), e.Level),
        PeriodDueMoved e => Period("period-due-moved", e.Period, Moved(e)) with { Told = OfDepartment(e.Level) ? [e.Period.Province] : e.Period.Asked },
        PeriodClosed e => Period("period-closed", e.Period, Closed(e.Period)) with { Next = [], Told = [.. e.Period.Missing ?? [], e.Period.Province] },
        DifficultyChanged e => Difficulty(e.Difficulty),
        DossierMoved e => Dossier(e.Dossier),
        DossierFlagged e => Flagged(e.Flags),
        RecognitionChanged e => Recognition(e.Recognition, e.Change),
        BallotCalled e => Ballot("ballot-called", e.Ballot, "attendance", new("được thành lập", "was called")),
        BallotOpened e => Ballot("ballot-opened", e.Ballot, "votes", new("đã mở bỏ phiếu", "is open to votes")),
        BallotClosed e => Ballot("ballot-closed", e.Ballot, null, Counted(e.Ballot)),
        BallotDissolved e => Ballot("ballot-dissolved", e.Ballot, null, new("đã bị giải tán trước khi kiểm phiếu", "was dissolved before the count")),
        UnitEligible e => Eligibility("unit-eligible", e.Eligibility),
        UnitNoLongerEligible e => Eligibility("unit-no-longer-eligible", e.Eligibility),
        PilotModelProposed e => Model(e.Model),
        _ => null,
    };

    public Text SubjectFor(IReadOnlyList<NextStep> steps) => steps.Count == 0
        ? Thing
        : new($"Cần xử lý: {Words.Uncapitalised(Thing.Vi)}", $"To do: {Words.Uncapitalised(Thing.En)}");

    public Text BodyFor(IReadOnlyList<NextStep> steps)
    {
        if (steps.Count == 0) return Happened;
        Text[] wanted = [.. steps.Select(Words.StepWithDay).Distinct()];
        return new(
            $"{Happened.Vi} Việc có thể làm tiếp: {string.Join("; ", wanted.Select(t => t.Vi))}.",
            $"{Happened.En} Next: {string.Join("; ", wanted.Select(t => t.En))}.");
    }

    private static Notice Report(string kind, ReportState report, Text verb, Text more = default)
    {
        Text thing = new($"Báo cáo kỳ {report.Period} của {report.Unit.Name}", $"Report {report.Period} of {report.Unit.Name}");
        return new(
            kind, report.Unit, thing, new($"{thing.Vi} {verb.Vi}{more.Vi}.", $"{thing.En} {verb.En}{more.En}."),
            $"/api/criteria/reports/{Uri.EscapeDataString(report.Period)}/{report.Unit.Code}", report.NextSteps);
    }

    /// <summary>Whoever is missing is asked to hand in; what is missing at the department's last day is the department's own work.</summary>
    private static Notice Period(string kind, PeriodState period, Text happened, string level = "units")
    {
        var role = period.Level switch { "commune" => Roles.CommuneOfficer, "district" => Roles.DistrictOfficer, _ => Roles.ProvinceOfficer };
        var code = Uri.EscapeDataString(period.Code);
        return new(
            kind, period.Province, PeriodOf(period), happened, $"/api/criteria/periods/{code}",
            OfDepartment(level) ? [] : [.. (period.Missing ?? []).Select(u => new NextStep("submit", $"/api/criteria/reports/{code}/{u.Code}/submit", [role], u.Id, period.Units?.Ends))]);
    }

    private static bool OfDepartment(string level) => level == "department";

    private static Text PeriodOf(PeriodState period) => new($"Kỳ báo cáo {period.Code}", $"Reporting period {period.Code}");

    private static Text Opened(PeriodState period)
    {
        var of = PeriodOf(period);
        return new($"{of.Vi} đã mở, số liệu đến ngày {Words.Day(period.FiguresAsOf).Vi}.", $"{of.En} is open, with figures as of {Words.Day(period.FiguresAsOf).En}.");
    }

    private static Text Near(PeriodClosing e)
    {
        var (of, left, due) = (PeriodOf(e.Period), Left(e.Period, e.Level), Words.Day(e.Due));
        return new($"{of.Vi} sắp đến hạn: ngày {due.Vi}. {left.Vi}", $"{of.En} is nearly due: {due.En}. {left.En}");
    }

    private static Text Late(PeriodDuePassed e)
    {
        var (of, left, due) = (PeriodOf(e.Period), Left(e.Period, e.Level), Words.Day(e.Due));
        return new($"{of.Vi} đã quá hạn ngày {due.Vi}. {left.Vi}", $"{of.En} is past its last day, {due.En}. {left.En}");
    }

    private static Text Moved(PeriodDueMoved e)
    {
        var (of, from, to) = (PeriodOf(e.Period), Words.Day(e.From), Words.Day(e.To));
        Text whose = OfDepartment(e.Level) ? new("hạn của sở", "the department's last day") : new("hạn của đơn vị", "the units' last day");
        return new($"{of.Vi}: {whose.Vi} chuyển từ ngày {from.Vi} sang ngày {to.Vi} theo lịch nghỉ.", $"{of.En}: {whose.En} moved from {from.En} to {to.En} with the calendar of days off.");
    }

    private static Text Closed(PeriodState period)
    {
        var (of, left) = (PeriodOf(period), period.Missing is null ? default : Left(period, "units"));
        return new($"{of.Vi} đã đóng, không nhận số liệu nữa. {left.Vi}".TrimEnd(), $"{of.En} is closed and takes no more figures. {left.En}".TrimEnd());
    }

    private static Text Left(PeriodState period, string level)
    {
        var (missing, asked) = (period.Missing?.Count ?? 0, period.Asked.Count);
        if (missing == 0)
        {
            return OfDepartment(level)
                ? new($"Tất cả {asked} báo cáo đã được phê duyệt.", $"All {asked} reports are approved.")
                : new($"Tất cả {asked} đơn vị đã nộp.", $"All {asked} units have handed in.");
        }

        return OfDepartment(level)
            ? new($"Còn {missing} trong {asked} báo cáo chưa được phê duyệt.", $"{missing} of {asked} reports are not approved.")
            : new($"Còn {missing} trong {asked} đơn vị chưa nộp.", $"{missing} of {asked} units have not handed in.");
    }

    private static Notice Difficulty(DifficultyState d)
    {
        Text of = d.Period is { } period ? new($" trong báo cáo kỳ {period}", $" in report {period}") : default;
        Text thing = new($"Khó khăn, vướng mắc của {d.Unit.Name}{of.Vi}", $"Difficulty of {d.Unit.Name}{of.En}");
        Text became = d.Status switch
        {
            "passed-on" => new("đã được chuyển lên tỉnh", "was passed on to the province"),
            "answered" => new("đã được trả lời", "was answered"),
            "withdrawn" => new("đã được rút", "was withdrawn"),
            _ => new("đã được nêu", "was raised"),
        };
        return new("difficulty-changed", d.Unit, thing, new($"{thing.Vi} {became.Vi}.", $"{thing.En} {became.En}."), $"/api/criteria/difficulties/{d.Id}", d.NextSteps);
    }

    /// <summary>The indicators sent back; the reasons stay in the report.</summary>
    private static Text ReturnedOf(ReportState report)
    {
        string[] codes = [.. report.Figures.Where(f => f.Status == "returned").Select(f => f.Indicator)];
        return codes.Length == 0 ? default : new($" (chỉ tiêu {string.Join(", ", codes)})", $" (indicators {string.Join(", ", codes)})");
    }

    private static Notice? Dossier(DossierState dossier)
    {
        var (title, step) = (Words.Title(dossier.Title), Words.Step(dossier.Step, dossier.StepNameVi, dossier.StepNameEn));
        Text thing = new($"Hồ sơ công nhận {title.Vi} của {dossier.Unit.Name}", $"Dossier for {title.En} of {dossier.Unit.Name}");
        var happened = dossier.State switch
        {
            _ when dossier.Step == "transfer" => new Text($"{thing.Vi} đã được chuyển sang phiên bản quy trình mới.", $"{thing.En} was moved to a new version of its procedure."),
            "refused" => new Text($"{thing.Vi} không được thông qua.", $"{thing.En} was refused."),
            "returned" when dossier.Step == "return" => new Text($"{thing.Vi} đã bị trả lại.", $"{thing.En} was returned."),
            "withdrawn" => new Text($"{thing.Vi} đã được rút.", $"{thing.En} was withdrawn."),
            _ => new Text($"{thing.Vi} đã qua bước: {step.Vi}.", $"{thing.En}: step taken: {step.En}."),
        };
        if (dossier.From is { } from && from != dossier.State)
        {
            var (then, now) = (Words.State(from), Words.State(dossier.State));
            happened = new($"{happened.Vi} Trạng thái: {then.Vi} → {now.Vi}.", $"{happened.En} State: {then.En} → {now.En}.");
        }

        // Where steps are asked for, each names its own day.
        if (dossier is { Due: { } due, NextSteps.Count: 0 }) happened = new($"{happened.Vi} Hạn: {Words.Day(due).Vi}.", $"{happened.En} Due: {Words.Day(due).En}.");
        // The members were asked when the council was named; a ballot asks nobody anew but the chair, once the vote can be closed.
        var ballot = dossier.Step == "votes";
        var next = ballot ? dossier.NextSteps.Where(s => s.Step != dossier.Step).ToArray() : dossier.NextSteps;
        return ballot && next.Count == 0
            ? null
            : new("dossier-moved", dossier.Unit, thing, happened, $"/api/appraisal/dossiers/{dossier.Id}", next);
    }

    /// <summary>Council and unit are told; which figure it is stands in the dossier, why in the answer.</summary>
    private static Notice Flagged(DossierFlagsState flags)
    {
        var title = Words.Title(flags.Title);
        Text thing = new($"Số liệu đã ghim của hồ sơ công nhận {title.Vi} của {flags.Unit.Name}", $"Pinned figures of the dossier for {title.En} of {flags.Unit.Name}");
        var raised = string.Join(", ", flags.Raised);
        var answered = flags.Flags.FirstOrDefault(f => f.No == flags.Answered);
        Text happened = answered is null
            ? new($"{thing.Vi} đã được đính chính (cảnh báo số {raised}).", $"{thing.En} were corrected (flag {raised}).")
            : answered.Answer == "material"
                ? new($"{thing.Vi}: cảnh báo số {answered.No} được trả lời là có ảnh hưởng đến việc thẩm định.", $"{thing.En}: flag {answered.No} was answered as bearing on the appraisal.")
                : new($"{thing.Vi}: cảnh báo số {answered.No} được trả lời là không ảnh hưởng đến việc thẩm định.", $"{thing.En}: flag {answered.No} was answered as not bearing on the appraisal.");
        return new(answered is null ? "flag-raised" : "flag-answered", flags.Unit, thing, happened, $"/api/appraisal/dossiers/{flags.Dossier}", answered is null ? flags.NextSteps : [])
        {
            ToldPersons = flags.Council,
        };
    }

    /// <summary>
    /// Who has to act is asked once for all dossiers of the session; of its end the province is told, or where the council is the country's its
    /// members, never who chose what.
    /// </summary>
    /// <param name="asked">The step that those named are asked for; null where nobody is.</param>
    private static Notice? Ballot(string kind, BallotState ballot, string? asked, Text became)
    {
        // A vote on one dossier alone is told as the step that it is.
        if (ballot.Session is not { } session) return null;
        Text thing = new($"Phiên họp Hội đồng thẩm định về {ballot.Dossiers.Count} hồ sơ", $"Session of the appraisal council on {ballot.Dossiers.Count} dossiers");
        var link = $"/api/appraisal/sessions/{session}";
        return new(kind, ballot.Province ?? ballot.Dossiers[0].Unit, thing, new($"{thing.Vi} {became.Vi}.", $"{thing.En} {became.En}."), link,
            asked is null ? [] : [new(asked, $"{link}/{asked}", [Roles.CouncilMember], ballot.Province?.Id, Persons: ballot.Asked)])
        {
            Told = asked is null && ballot.Province is { } province ? [province] : [],
            ToldPersons = asked is null && (ballot.Province is null || kind == "ballot-dissolved") ? ballot.Asked : [],
        };
    }

    private static Text Counted(BallotState ballot)
    {
        var passed = ballot.Dossiers.Count(d => d.Passed == true);
        return new($"đã kết thúc: {passed} hồ sơ được thông qua", $"is closed: {passed} passed");
    }

    private static Notice Recognition(RecognitionState recognition, string? change)
    {
        var (title, unit) = (Words.Title(recognition.Title), recognition.Unit);
        Text thing = new($"Công nhận {title.Vi} cho {unit.Name}", $"Recognition of {unit.Name} as {title.En}");
        Text became = recognition switch
        {
            { Status: "revoked" } => new("đã bị thu hồi", "was revoked"),
            { Corrections: [.., var last] } when change == "corrected" =>
                new($"đã được đính chính bằng Quyết định số {last.Number} ngày {Words.Day(last.Date).Vi}", $"was corrected by decision {last.Number} of {Words.Day(last.Date).En}"),
            { Inherited: not null } when change == "acknowledged" =>
                new($"được thừa nhận từ đơn vị cũ, có hiệu lực từ ngày {Words.Day(recognition.From).Vi}", $"is acknowledged from its predecessors, in force from {Words.Day(recognition.From).En}"),
            { Status: "succeeded" } => new("đã được kế thừa", "was succeeded"),
            { PublishedOn: { } on } => new($"đã được công bố ngày {Words.Day(on).Vi}", $"was published on {Words.Day(on).En}"),
            _ => new($"có hiệu lực từ ngày {Words.Day(recognition.From).Vi}", $"is in force from {Words.Day(recognition.From).En}"),
        };
        Text happened = new(
            $"{thing.Vi} theo Quyết định số {recognition.DecisionNumber} {became.Vi}.", $"{thing.En} by decision {recognition.DecisionNumber} {became.En}.");
        var link = $"/api/appraisal/recognitions?unit={unit.Code}&title={Uri.EscapeDataString(recognition.Title)}&on={Words.Day(recognition.From).En}";
        return new("recognition-changed", unit, thing, happened, link, []);
    }

    /// <summary>The unit and those above it are told; what is wanting is named by condition, the reasons stay in the answer.</summary>
    private static Notice Eligibility(string kind, EligibilityState state)
    {
        var (title, unit) = (Words.Title(state.Title), state.Unit);
        Text thing = new($"Điều kiện công nhận {title.Vi} của {unit.Name}", $"Conditions for {title.En} of {unit.Name}");
        Text happened = state.Eligible
            ? new($"{unit.Name} đã đủ điều kiện xét công nhận {title.Vi}.", $"{unit.Name} is eligible to be proposed as {title.En}.")
            : new($"{unit.Name} không còn đủ điều kiện xét công nhận {title.Vi}.", $"{unit.Name} is no longer eligible to be proposed as {title.En}.");
        var (wanting, unsure) = (Names(state.Conditions.Where(c => c is { Required: true, Status: not "met" })), Names(state.Conditions.Where(IsUnsure)));
        if (state.Ended is { } ended) happened = new($"{happened.Vi} Đơn vị không còn từ ngày {Words.Day(ended).Vi}.", $"{happened.En} The unit no longer exists from {Words.Day(ended).En}.");
        else if (state.ProcedureEnded is { } over)
            happened = new($"{happened.Vi} Từ ngày {Words.Day(over).Vi} không còn quy trình xét công nhận danh hiệu này.", $"{happened.En} There is no procedure for the title from {Words.Day(over).En}.");
        else if (!state.Eligible) happened = new($"{happened.Vi} Chưa đạt: {wanting.Vi}.", $"{happened.En} Not met: {wanting.En}.");
        if (unsure.Vi.Length > 0)
            happened = new($"{happened.Vi} Có giá trị chưa đối chiếu được với văn bản: {unsure.Vi}.", $"{happened.En} Rests on values not checked against the act: {unsure.En}.");
        return new(kind, unit, thing, happened, $"/api/appraisal/eligibility/{unit.Code}?title={Uri.EscapeDataString(state.Title)}", []) { Told = [unit, .. state.Superiors] };

        static bool IsUnsure(EligibilityCondition c) => new[] { c.Mark, c.RuleMark, c.TextMark }.Any(m => m is not (null or "seen" or "judged"));
    }

    private static Text Names(IEnumerable<EligibilityCondition> conditions)
    {
        Text[] names = [.. conditions.Select(c => Words.Condition(c.Id))];
        return new(string.Join(", ", names.Select(n => n.Vi)), string.Join(", ", names.Select(n => n.En)));
    }

    private static Notice Model(PilotModelState model)
    {
        var kind = Words.ModelKind(model.Kind);
        Text thing = new($"Mô hình {kind.Vi} của {model.Unit.Name}", $"Model {kind.En} of {model.Unit.Name}");
        return new(
            "pilot-model-proposed", model.Unit, thing, new($"{thing.Vi} đã được đề xuất.", $"{thing.En} was proposed."), $"/api/pilots/models/{model.Id}", []);
    }
}
