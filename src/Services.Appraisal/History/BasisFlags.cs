using System.Text.Json.Serialization;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.History;

/// <summary>What a dossier has pinned was corrected. The basis stays as it was pinned; each correction is a flag that must be answered.</summary>
/// <param name="Position">Position in this service's store of the fact that told of it.</param>
/// <param name="Reports">The pinned reports that are not as they were pinned any more, at the versions that were told; null where none is, and in what was recorded before this was told.</param>
public sealed record BasisChanged(
    IReadOnlyList<BasisCorrection> Corrections, long Position, DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ReportUsed>? Reports = null);

/// <summary>Whoever appraises said what a correction means for the dossier: the council that sits on it, or the office before there is one.</summary>
/// <param name="No">Number of the flag in its dossier, from 1.</param>
/// <param name="Answer">material or immaterial.</param>
public sealed record BasisFlagAnswered(int No, string Answer, string Reason, string By, DateTimeOffset At);

/// <summary>What was answered to a flag.</summary>
/// <param name="Council">True of the word of the council that sits on the dossier; null of the office's, and of a council's that was dissolved.</param>
public sealed record FlagAnswer(
    string Answer, string Reason, string By, DateTimeOffset At, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Council = null);

/// <summary>A correction below a pinned version; it stands in the dossier until it is answered.</summary>
/// <param name="No">Number in the dossier, from 1.</param>
/// <param name="Kind">figure, confirmation or report.</param>
/// <param name="Item">Code of the indicator, id of the condition or period of the report.</param>
/// <param name="Position">Position in this service's store of the fact that told of it.</param>
/// <param name="Answer">The last answer.</param>
/// <param name="Before">What had been answered before the council did; null where nothing had.</param>
/// <param name="By">Ids of those who made the correction; null where that is not known.</param>
/// <param name="ThenVersion">Of a report: version that was pinned or told last.</param>
/// <param name="NowVersion">Of a report: version that stands.</param>
public sealed record BasisFlag(
    int No, string Kind, string Item, BasisValue? Then, BasisValue? Now, long Position, DateTimeOffset At, FlagAnswer? Answer,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FlagAnswer? Before = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? By = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? ThenVersion = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? NowVersion = null)
{
    /// <summary>The indicator, of a figure.</summary>
    public string? Indicator => Kind == BasisChanges.Figure ? Item : null;

    /// <summary>Whether the council that sits on the dossier has answered it.</summary>
    [JsonIgnore]
    public bool IsSettled => Answer?.Council == true;

    internal BasisFlag With(FlagAnswer answer) => this with { Before = Answer is { Council: null } earlier && answer.Council == true ? earlier : Before, Answer = answer };

    /// <summary>A dissolved council's word is not that of the next one.</summary>
    internal BasisFlag Reopened() => IsSettled ? this with { Answer = Answer! with { Council = null } } : this;
}

/// <summary>
/// Before there is a council whoever names it answers a flag; a council member who votes on the dossier answers each of them then, also
/// those that the office has answered.
/// </summary>
public static class AnswerFlag
{
    private static readonly string[] Answers = ["material", "immaterial"];

    /// <param name="Answer"><c>material</c>: the correction bears on the appraisal; <c>immaterial</c>: it does not.</param>
    public sealed record Body(string? Answer, string? Reason);

    public static Decision Decide(Dossier dossier, Procedure procedure, int no, Body body, string by, DateTimeOffset now)
    {
        if (dossier.Flags.Find(f => f.No == no) is not { } flag) return Refusal.NotFound($"Hồ sơ không có cờ số {no}.", $"The dossier has no flag {no}.");
        if (procedure.IsEnd(dossier.State)) return Refusal.Conflict("dossier-ended", "Hồ sơ đã kết thúc.", "The dossier has ended.");
        if (dossier.IsOwnWork(flag, by))
        {
            return Refusal.Forbidden(
                $"Người \"{by}\" đã lập hồ sơ, nhập, thẩm tra, duyệt, xác nhận hoặc đính chính số liệu đã ghim nên không được trả lời cờ.",
                $"The person \"{by}\" prepared the dossier or entered, verified, approved, confirmed or corrected what it rests on and may not answer a flag.",
                "self-approval");
        }

        if (!dossier.Awaits(flag)) return Refusal.Conflict("flag-answered", $"Cờ số {no} đã được trả lời.", $"The flag {no} is answered already.");
        var reason = Prose.Clean(body.Reason);
        return new Faults()
            .Unless(body.Answer is not null && Answers.Contains(body.Answer), "answer", "Phải là material hoặc immaterial.", "Must be material or immaterial.")
            .Readable(reason, "reason")
            .Refuse() is { } refusal
            ? refusal
            : Decision.Record(new BasisFlagAnswered(no, body.Answer!, reason!, by, now));
    }

    internal static Task<IResult> Handle(Guid id, int n, Body body, HttpContext http, Commands commands, UnitRegister units, ProcedureBook book, DossierViews views) =>
        commands.Run(http, Dossier.Key(id), async (c, ct) =>
        {
            var stream = await c.Session.Events.FetchForWriting<Dossier>(Dossier.Key(id), ct);
            if (stream.Aggregate is not { } dossier) return StepRunner.NoDossier;
            var (procedure, tree) = (book.Version(dossier.Procedure, dossier.ProcedureVersion), await units.GetAsync(ct));
            if (!dossier.MayAnswer(procedure, tree, c.Actor, c.Today)) return Problems.OfStatus(403);
            var version = stream.StartingVersion ?? 0;
            if (c.IsStale(version)) return Refusal.Stale(version);
            var decision = Decide(dossier, procedure, n, body, c.Actor.Person, c.Now);
            if (decision.Refusal is { } refusal) return refusal;
            stream.AppendMany(decision.Events);
            return Outcome.Ok(views.Of(dossier.When(decision.Events[0]).SeenBy(procedure, tree, c.Actor, c.Today), version + 1, c.Today, await KnownCalendar.LoadAsync(c.Session, ct)), version + 1);
        });

    /// <summary>
    /// The answers that an open dossier waits for: of the members who vote on it, before there is a council of whoever names it; of
    /// nobody whose own work it is.
    /// </summary>
    /// <param name="today">Day by which the roles are resolved.</param>
    public static IReadOnlyList<NextStep> FlagSteps(this Dossier dossier, Procedure procedure, DateOnly today) => procedure.IsEnd(dossier.State)
        ? []
        :
        [
            .. from flag in dossier.Flags
               where dossier.Awaits(flag)
               let persons = dossier.Council is null ? null : dossier.Entitled().Where(p => !dossier.IsOwnWork(flag, p)).ToArray()
               where persons is not { Length: 0 }
               from term in dossier.Answering(procedure).TakenBy(today, dossier.State)
               where term.Roles.Count > 0
               select new NextStep(
                   $"flags/{flag.No}/answer", $"/api/appraisal/dossiers/{dossier.Number}/flags/{flag.No}/answer", term.Roles, dossier.Whose(term.Of), Persons: persons),
        ];

    /// <summary>The refusal of what concludes the vote while the council has not answered every flag; null when it has.</summary>
    public static Refusal? RefuseUnanswered(this Dossier dossier)
    {
        int[] unanswered = [.. dossier.Flags.Where(f => !f.IsSettled).Select(f => f.No)];
        if (unanswered.Length == 0) return null;
        var flags = string.Join(", ", unanswered);
        return Refusal.Conflict(
            "flags-unanswered",
            $"Số liệu đã ghim được đính chính sau khi lập hồ sơ; Hội đồng phải trả lời cảnh báo số {flags} trước.",
            $"What the dossier rests on was corrected; the council must answer the flags {flags} first.") with
        {
            More = new Dictionary<string, object?>(StringComparer.Ordinal) { ["flags"] = unanswered },
        };
    }

    /// <summary>Whether the flag waits: for the council where there is one, whatever was answered before it was named.</summary>
    private static bool Awaits(this Dossier dossier, BasisFlag flag) => dossier.Council is null ? flag.Answer is null : !flag.IsSettled;

    /// <summary>Whether the person prepared, entered, judged, verified, approved or confirmed what is pinned, or made the correction.</summary>
    private static bool IsOwnWork(this Dossier dossier, BasisFlag flag, string by) =>
        dossier.Preparers.Contains(by) || dossier.Steps.Exists(s => s.By == by && StepIds.Preparing.Contains(s.Step))
        || dossier.Basis.Entered.Contains(by) || dossier.Basis.Persons.Contains(by) || dossier.Basis.Confirmations.Any(c => c.By == by) || flag.By?.Contains(by) == true;

    /// <summary>Once there is a council it is for its members to see and answer, but for those who are recused.</summary>
    public static bool MayAnswer(this Dossier dossier, Procedure procedure, UnitTree tree, Actor actor, DateOnly today) =>
        (dossier.Council is null || dossier.Entitled().Contains(actor.Person)) && dossier.MayTake(dossier.Answering(procedure), tree, actor, today);

    private static ProcedureStep Answering(this Dossier dossier, Procedure procedure) => procedure.Step(dossier.Council is null ? StepIds.Council : StepIds.Votes)!;
}
