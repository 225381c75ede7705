using Ntm.Appraisal.Procedures;
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
    private const int LongestForm = 100;
    private const int LongestTopic = 500;

    /// <param name="Overall">Whether it asks for the satisfaction as a whole; at most one does.</param>
    public sealed record Question(int? No, string? Topic, int? Satisfied, int? NotSatisfied, int? Other = null, bool Overall = false);

    public sealed record Part(string? Name, int? Households, int? Asked, int? Answered, IReadOnlyList<Question?>? Questions);

    /// <param name="Form">Version of the form; may be left out where the procedure names it.</param>
    /// <param name="From">First day of collecting.</param>
    /// <param name="To">Day of the finished summary.</param>
    /// <param name="Households">All households of the unit.</param>
    /// <param name="Asked">Households that got a form.</param>
    /// <param name="Answered">Households that gave one back.</param>
    /// <param name="Parts">Villages, or communes of a district; may be left out.</param>
    public sealed record Body(
        string? Form, DateOnly? From, DateOnly? To, int? Households, int? Asked, int? Answered, IReadOnlyList<Question?>? Questions,
        IReadOnlyList<Part?>? Parts = null, IReadOnlyList<string?>? Documents = null);

    public static Decision Decide(Dossier dossier, ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        var form = Prose.Clean(body.Form) ?? step.Survey!.Form;
        var faults = new Faults()
            .Readable(form, "form", longest: LongestForm, lines: false)
            .Required(body.From, "from")
            .NotInFuture(body.To, "to", VietnamTime.DayOf(now))
            .Unless(!(body.To < body.From), "to", "Không được trước ngày bắt đầu.", "Must not be before the first day.")
            .Unless(body.Parts is null or { Count: <= MostParts }, "parts", $"Tối đa {MostParts} thôn, xã.", $"At most {MostParts} parts.");
        var questions = Read(faults, "", body.Households, body.Asked, body.Answered, body.Questions);
        List<SurveyPart> parts = [];
        foreach (var part in (body.Parts ?? []).Take(MostParts))
        {
            var at = $"parts[{parts.Count}]";
            var name = Prose.Clean(part?.Name);
            faults.Readable(name, $"{at}.name", longest: LongestTopic, lines: false).Unless(!parts.Exists(p => p.Name == name), $"{at}.name", "Được nêu hai lần.", "It is named twice.");
            var own = Read(faults, $"{at}.", part?.Households, part?.Asked, part?.Answered, part?.Questions);
            faults.Unless(
                own.Select(q => (q.No, q.Overall)).Order().SequenceEqual(questions.Select(q => (q.No, q.Overall)).Order()), $"{at}.questions",
                "Phải có cùng các câu hỏi như bảng tổng hợp.", "Has other questions than the summary.");
            parts.Add(new(name ?? "", part?.Households ?? 0, part?.Asked ?? 0, part?.Answered ?? 0, own));
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
        var (result, rules) = SurveyResult.Of(step.Survey!, body.Households!.Value, body.Answered!.Value, questions, parts);
        var due = Deadlines.Due(step.Deadline, body.From!.Value);
        return Decision.Record(new SurveySummarised(
            new(
                form!, body.From.Value, body.To!.Value, body.Households.Value, body.Asked!.Value, body.Answered.Value, questions, parts,
                result, rules, due, due is { } last ? body.To > last : null, documents), by, now));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Survey, a => Decide(a.Dossier, a.Step, body, a.By, a.Now));

    private static long Sum(List<SurveyPart> parts, int no, Func<SurveyQuestion, int> count) => parts.Sum(p => (long)p.Questions.Where(q => q.No == no).Sum(count));

    private static List<SurveyQuestion> Read(Faults faults, string at, int? households, int? asked, int? answered, IReadOnlyList<Question?>? questions)
    {
        faults.Required(households, $"{at}households").Required(asked, $"{at}asked").Required(answered, $"{at}answered")
            .Unless(households is null or (> 0 and <= MostHouseholds), $"{at}households", $"Phải từ 1 đến {MostHouseholds}.", $"Must be from 1 to {MostHouseholds}.")
            .Unless(asked is null || (asked >= 0 && !(asked > households)), $"{at}asked", "Không được vượt số hộ.", "Is more than there are households.")
            .Unless(answered is null || (answered >= 0 && !(answered > asked)), $"{at}answered", "Không được vượt số hộ được hỏi.", "Is more than were asked.")
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
                .Unless(answered is null || counts.Sum(c => (long?)c) <= answered, field, "Nhiều phiếu trả lời hơn số hộ trả lời.", "There are more answers than households that answered.")
                .Unless(question?.No is null || !read.Exists(q => q.No == question.No), $"{field}.no", "Được nêu hai lần.", "It is named twice.")
                .Unless(question?.Overall != true || !read.Exists(q => q.Overall), $"{field}.overall", "Chỉ một câu hỏi chung.", "Only one question is the overall one.");
            read.Add(new(question?.No ?? 0, topic, question?.Satisfied ?? 0, question?.NotSatisfied ?? 0, question?.Other ?? 0, question?.Overall ?? false));
        }

        return read;
    }
}
