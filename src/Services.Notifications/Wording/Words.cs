using System.Globalization;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Notifications.Wording;

/// <summary>Words for steps, titles and kinds, in both languages; what is not known is named by its id.</summary>
internal static class Words
{
    internal static Text Step(string step) => step switch
    {
        "open" => new("mở hồ sơ", "open"),
        "record" => new("nhập số liệu", "record figures"),
        "submit" => new("nộp", "submit"),
        "return" => new("trả lại", "return"),
        "judgement" => new("đánh giá chỉ tiêu", "judge indicators"),
        "verify" => new("thẩm tra", "verify"),
        "approve" => new("phê duyệt", "approve"),
        "reopen" => new("mở lại", "reopen"),
        "pass-on" => new("chuyển lên tỉnh", "pass on"),
        "answer" => new("trả lời", "answer"),
        "accept" => new("tiếp nhận", "accept"),
        "council" => new("thành lập hội đồng", "set up the council"),
        "dissolve" => new("giải thể hội đồng", "dissolution of the council"),
        "votes" => new("bỏ phiếu", "vote"),
        "attendance" => new("ghi danh sách có mặt", "record the attendance"),
        "votes/close" => new("kết thúc bỏ phiếu", "close the vote"),
        "decision" => new("quyết định công nhận", "decision of recognition"),
        "publication" => new("công bố", "publication"),
        "documents" => new("nộp tài liệu", "document brought in"),
        "register" => new("đăng ký", "registration"),
        "self-assessment" => new("tự đánh giá", "self-assessment"),
        "consultation" => new("niêm yết lấy ý kiến", "public consultation"),
        "consultation/answer" => new("trả lời ý kiến góp ý", "answer a remark"),
        "meeting" => new("họp đề nghị", "meeting on the proposal"),
        "completeness" => new("kiểm tra tính đầy đủ", "check of completeness"),
        "verification" => new("thẩm tra", "verification"),
        "survey.start" => new("bắt đầu lấy ý kiến hài lòng", "beginning of the satisfaction survey"),
        "survey" => new("lấy ý kiến hài lòng", "satisfaction survey"),
        "list" => new("công bố danh sách", "publication of the list"),
        "list/answer" => new("trả lời ý kiến về danh sách", "answer an opinion on the list"),
        "district-vote" => new("họp cấp huyện bỏ phiếu", "vote of the district"),
        "province-vote" => new("tỉnh bỏ phiếu đề nghị", "vote of the province on the proposal"),
        "forward" => new("trình tỉnh", "forwarding to the province"),
        "opinions" => new("ý kiến của sở", "opinion of a department"),
        "central-opinions" => new("ý kiến của cơ quan trung ương", "opinion of a central body"),
        "field-visit" => new("kiểm tra thực tế", "field visit"),
        "report" => new("báo cáo thẩm định", "appraisal report"),
        "complaint" => new("ghi nhận khiếu nại, phản ánh", "complaint recorded"),
        "complaint/answer" => new("trả lời khiếu nại, phản ánh", "answer a complaint"),
        "withdraw" => new("rút hồ sơ", "withdrawal"),
        "refuse" => new("không đề nghị công nhận", "refusal"),
        "transfer" => new("chuyển sang phiên bản quy trình mới", "move to a new version of the procedure"),
        _ when FlagOf(step) is { } flag => new($"trả lời cảnh báo số {flag}", $"answer flag {flag}"),
        _ => new(step, step),
    };

    /// <summary>A step that a province added goes by the name that it gave it.</summary>
    internal static Text Step(string step, string? vi, string? en) => vi is null || en is null ? Step(step) : new(Uncapitalised(vi), Uncapitalised(en));

    /// <summary>A state of a dossier.</summary>
    internal static Text State(string state) => state switch
    {
        "opened" => new("đang lập", "being prepared"),
        "submitted" => new("đã nộp", "submitted"),
        "returned" => new("trả lại", "returned"),
        "accepted" => new("đã tiếp nhận", "accepted"),
        "voting" => new("Hội đồng đang bỏ phiếu", "the council votes"),
        "passed" => new("Hội đồng đã thông qua", "passed by the council"),
        "refused" => new("không được thông qua", "refused"),
        "decided" => new("đã công nhận", "recognised"),
        "published" => new("đã công bố", "published"),
        "withdrawn" => new("đã rút", "withdrawn"),
        _ => new(state, state),
    };

    /// <summary>The number in a step such as <c>flags/3/answer</c>.</summary>
    private static string? FlagOf(string step) => step.Split('/') is ["flags", var no, "answer"] ? no : null;

    internal static Text StepWithDay(NextStep next)
    {
        var step = Step(next.Step, next.NameVi, next.NameEn);
        return next.Due is { } due ? new($"{step.Vi} (hạn {Day(due).Vi})", $"{step.En} (due {Day(due).En})") : step;
    }

    internal static Text Title(string title) => title switch
    {
        "commune-ntm" => new("xã đạt chuẩn nông thôn mới", "new-rural commune"),
        "commune-advanced" => new("xã đạt chuẩn nông thôn mới nâng cao", "advanced new-rural commune"),
        "commune-model" => new("xã đạt chuẩn nông thôn mới kiểu mẫu", "model new-rural commune"),
        "district-ntm" => new("huyện đạt chuẩn nông thôn mới", "new-rural district"),
        "town-ntm" => new("thị xã, thành phố hoàn thành nhiệm vụ xây dựng nông thôn mới", "town or city completing new-rural building"),
        "province-ntm" => new("tỉnh hoàn thành nhiệm vụ xây dựng nông thôn mới", "province completing new-rural building"),
        "province-ntm-pilot" => new("tỉnh nông thôn mới (thí điểm)", "new-rural province (pilot)"),
        "district-advanced" => new("huyện đạt chuẩn nông thôn mới nâng cao", "advanced new-rural district"),
        _ => new(title, title),
    };

    internal static Text Condition(string condition) => condition switch
    {
        "criteria" => new("bộ tiêu chí", "criteria"),
        "arrears" => new("nợ đọng xây dựng cơ bản", "arrears in capital construction"),
        "satisfaction" => new("sự hài lòng của người dân", "residents' satisfaction"),
        "security" => new("an ninh, trật tự", "security and order"),
        _ => new(condition, condition),
    };

    internal static Text ModelKind(string kind) => kind switch
    {
        "smart-village" => new("thôn thông minh", "smart village"),
        "smart-commune" => new("xã nông thôn mới thông minh", "smart commune"),
        "e-commerce-commune" => new("xã thương mại điện tử", "e-commerce commune"),
        "central-pilot" => new("chỉ đạo điểm của Trung ương", "central pilot"),
        _ => new(kind, kind),
    };

    internal static Text Day(DateOnly day) => new(day.ToString("dd/MM/yyyy", CultureInfo.InvariantCulture), day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    internal static string Uncapitalised(string text) => char.ToLower(text[0], CultureInfo.InvariantCulture) + text[1..];
}
