using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>
/// The Front's summary of its survey is recorded; whether it passes is computed by the procedure's rules. It confirms nothing by itself:
/// the condition stands as the Front confirms it, and a difference between both shows.
/// </summary>
public static class SummariseSurvey
{
    private const int MostHouseholds = 10_000_000;
    private const int MostQuestions = 100;
    private const int MostParts = 1000;
    private const string Commune = "xa";
    private const int LongestForm = 100;
    private const int LongestTopic = 500;

    /// <param name="Overall">Whether it asks for the satisfaction as a whole; at most one does.</param>
    public sealed record Question(int? No, string? Topic, int? Satisfied, int? NotSatisfied, int? Other = null, bool Overall = false);

    /// <param name="Name">Of a village; a commune of a district has its name from the register of units.</param>
    /// <param name="Code">Code of a commune on the dossier's day, where each part must reach the shares; else left out.</param>
    public sealed record Part(string? Name, int? Households, int? Asked, int? Answered, IReadOnlyList<Question?>? Questions, string? Code = null);

    /// <param name="Form">Version of the form; may be left out where the procedure names it, and is no other one then.</param>
    /// <param name="From">First day of collecting; not before the dossier's day (HD 90/HD-MTTW-BTT: once the dossier is begun). Of a survey whose beginning was recorded that day; then it may be left out.</param>
    /// <param name="To">Day of the finished summary.</param>
    /// <param name="Households">All households of the unit.</param>
    /// <param name="Asked">Households that got a form.</param>
    /// <param name="Answered">Households that gave one back.</param>
    /// <param name="Parts">Villages, which may be left out; of a district whose communes must each reach the shares all these communes.</param>
    public sealed record Body(
        string? Form, DateOnly? From, DateOnly? To, int? Households, int? Asked, int? Answered, IReadOnlyList<Question?>? Questions,
        IReadOnlyList<Part?>? Parts = null, IReadOnlyList<string?>? Documents = null);

    /// <param name="communes">Communes that the parts must be, all of them and no others, where the procedure asks for each part.</param>
    /// <param name="calendar">Null before it was learned: then no last day in working days is told.</param>
    public static Decision Decide(
        Dossier dossier, ProcedureStep step, Body body, string by, DateTimeOffset now, IReadOnlyList<UnitRef>? communes = null, WorkingDays? calendar = null)
    {
        var each = step.Survey!.Scope == SurveyRules.EachPart;
        var form = Prose.Clean(body.Form) ?? step.Survey.Form;
        var begun = dossier.SurveyBegun();
        var from = body.From ?? begun;
        var faults = new Faults()
            .Readable(form, "form", longest: LongestForm, lines: false)
            .Unless(step.Survey.Form is null || form == step.Survey.Form, "form", $"Quy trình quy định mẫu phiếu {step.Survey.Form}.", $"The procedure sets the form {step.Survey.Form}.")
            .Required(from, "from")
            .Unless(begun is null || from == begun, "from", $"Đã ghi nhận bắt đầu ngày {begun:dd/MM/yyyy}.", $"Its beginning was recorded for {begun:yyyy-MM-dd}.")
            .Unless(!(from < dossier.Day), "from", $"Không được trước ngày lập hồ sơ ({dossier.Day:dd/MM/yyyy}).", $"Must not be before the dossier's day ({dossier.Day:yyyy-MM-dd}).", "HD 90/HD-MTTW-BTT")
            .NotInFuture(body.To, "to", VietnamTime.DayOf(now))
            .Unless(!(body.To < from), "to", "Không được trước ngày bắt đầu.", "Must not be before the first day.")
            .Unless(body.Parts is null or { Count: <= MostParts }, "parts", $"Tối đa {MostParts} thôn, xã.", $"At most {MostParts} parts.");
        var questions = Read(faults, "", body.Households, body.Asked, body.Answered, body.Questions);
        List<SurveyPart> parts = [];
        foreach (var part in (body.Parts ?? []).Take(MostParts))
        {
            var at = $"parts[{parts.Count}]";
            var code = Prose.Clean(part?.Code);
            var commune = each ? communes?.FirstOrDefault(c => c.Code == code) : null;
            var name = commune?.Name ?? Prose.Clean(part?.Name);
            faults.Unless(
                each ? commune is not null : code is null, $"{at}.code",
                each ? $"Phải là mã của một xã thuộc huyện vào ngày {dossier.Day:dd/MM/yyyy}." : "Chỉ dùng cho xã của huyện.",
                each ? $"Must be the code of a commune of the district on {dossier.Day:yyyy-MM-dd}." : "Is for communes of a district only.");
            if (!each || commune is not null) faults.Readable(name, $"{at}.name", longest: LongestTopic, lines: false).Unless(!parts.Exists(p => p.Name == name), $"{at}.name", "Được nêu hai lần.", "It is named twice.");
            var own = Read(faults, $"{at}.", part?.Households, part?.Asked, part?.Answered, part?.Questions);
            faults.Unless(
                own.Select(q => (q.No, q.Overall)).Order().SequenceEqual(questions.Select(q => (q.No, q.Overall)).Order()), $"{at}.questions",
                "Phải có cùng các câu hỏi như bảng tổng hợp.", "Has other questions than the summary.");
            parts.Add(new(name ?? "", part?.Households ?? 0, part?.Asked ?? 0, part?.Answered ?? 0, own, commune?.Code));
        }

        if (each)
        {
            string[] missing = [.. (communes ?? []).Where(c => !parts.Exists(p => p.Code == c.Code)).Select(c => $"{c.Name} ({c.Code})")];
            faults.Unless(missing.Length == 0, "parts", $"Còn thiếu xã: {string.Join("; ", missing)}.", $"These communes are missing: {string.Join("; ", missing)}.", step.Survey.MinSharePerQuestion.LegalRef);
        }

        if (parts.Count > 0)
        {
            faults.Unless(
                parts.Sum(p => (long)p.Households) == body.Households && parts.Sum(p => (long)p.Answered) == body.Answered && parts.Sum(p => (long)p.Asked) == body.Asked
                    && questions.All(q => Sum(parts, q.No, p => p.Satisfied) == q.Satisfied && Sum(parts, q.No, p => p.NotSatisfied) == q.NotSatisfied && Sum(parts, q.No, p => p.Other) == q.Other),
                "parts", "Cộng các phần lại phải bằng bảng tổng hợp.", "The parts do not add up to the summary.");
        }

        var documents = faults.Held(dossier, body.Documents, "documents");
        if (faults.Refuse() is { } refusal) return refusal;
        var (result, rules) = SurveyResult.Of(step.Survey, body.Households!.Value, body.Answered!.Value, questions, parts);
        var due = Deadlines.Due(step.Deadline, from!.Value, calendar);
        return Decision.Record(new SurveySummarised(
            new(
                form!, from.Value, body.To!.Value, body.Households.Value, body.Asked!.Value, body.Answered.Value, questions, parts,
                result, rules, due, due is { } last ? body.To > last : null, documents), by, now));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Survey, async (a, ct) => Decide(
            a.Dossier, a.Step, body, a.By, a.Now, CommunesOf(a.Tree, a.Dossier), (await KnownCalendar.LoadAsync(a.Command.Session, ct))?.WorkingDays()));

    /// <summary>The communes below the unit on the dossier's day; wards and townships are not surveyed (HD 90/HD-MTTW-BTT, as provinces carry it out).</summary>
    private static IReadOnlyList<UnitRef> CommunesOf(UnitTree tree, Dossier dossier) =>
        [.. tree.Below(dossier.Unit.Id, "commune", dossier.Day).Where(u => u.Version.Kind == Commune).Select(u => new UnitRef(u.Unit.Id, u.Version.Code, u.Version.FullName))];

    private static long Sum(List<SurveyPart> parts, int no, Func<SurveyQuestion, int> count) => parts.Sum(p => (long)p.Questions.Where(q => q.No == no).Sum(count));

    private static List<SurveyQuestion> Read(Faults faults, string at, int? households, int? asked, int? answered, IReadOnlyList<Question?>? questions)
    {
        faults.Required(households, $"{at}households").Required(asked, $"{at}asked").Required(answered, $"{at}answered")
            .Unless(households is null or (> 0 and <= MostHouseholds), $"{at}households", $"Phải từ 1 đến {MostHouseholds}.", $"Must be from 1 to {MostHouseholds}.")
            .Unless(asked is null or >= 0, $"{at}asked", "Không được âm.", "Must not be negative.")
            .Unless(!(asked > households), $"{at}asked", "Không được vượt số hộ.", "Is more than there are households.")
            .Unless(answered is null or >= 0, $"{at}answered", "Không được âm.", "Must not be negative.")
            .Unless(!(answered > asked), $"{at}answered", "Không được vượt số hộ được hỏi.", "Is more than were asked.")
            .Unless(questions is { Count: > 0 and <= MostQuestions }, $"{at}questions", $"Cần từ 1 đến {MostQuestions} câu hỏi.", $"From 1 to {MostQuestions} questions are needed.");
        List<SurveyQuestion> read = [];
        foreach (var question in (questions ?? []).Take(MostQuestions))
        {
            var field = $"{at}questions[{read.Count}]";
            var topic = Prose.Clean(question?.Topic);
            int?[] counts = [question?.Satisfied, question?.NotSatisfied, question?.Other ?? 0];
            faults.Required(question?.No, $"{field}.no").Required(question?.Satisfied, $"{field}.satisfied").Required(question?.NotSatisfied, $"{field}.notSatisfied")
                .Readable(topic, $"{field}.topic", required: false, LongestTopic, lines: false)
                .Unless(Array.TrueForAll(counts, c => c is null or >= 0), field, "Số phiếu không được âm.", "A count is not negative.")
                .Unless(answered is null || counts.Sum(c => (long?)c) <= answered, field, "Số phiếu trả lời nhiều hơn số hộ trả lời.", "There are more answers than households that answered.")
                .Unless(question?.No is null || !read.Exists(q => q.No == question.No), $"{field}.no", "Được nêu hai lần.", "It is named twice.")
                .Unless(question?.Overall != true || !read.Exists(q => q.Overall), $"{field}.overall", "Chỉ một câu hỏi chung.", "Only one question is the overall one.");
            read.Add(new(question?.No ?? 0, topic, question?.Satisfied ?? 0, question?.NotSatisfied ?? 0, question?.Other ?? 0, question?.Overall ?? false));
        }

        return read;
    }
}
