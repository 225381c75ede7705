using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Recognitions;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>A unit opens a dossier for a title; it pins what it rests on.</summary>
public static class OpenDossier
{
    public sealed record Body(string? Unit, string? Title, DateOnly? On);

    /// <param name="id">Id of the new dossier.</param>
    public static Decision Decide(TitleHold? hold, Target target, EligibilityFacts facts, Guid id, string by, DateTimeOffset now)
    {
        if (hold?.Open is { } open)
            return Refusal.Conflict("dossier-open", "Đơn vị đang có hồ sơ cho danh hiệu này.", "The unit has an open dossier for this title.") with { More = Named("dossier", open) };
        if (hold?.Granted is { } granted)
            return Refusal.Conflict("title-in-force", "Danh hiệu này đang có hiệu lực.", "The title is in force.") with { More = Named("dossier", granted) };

        var procedure = target.Procedure;
        var result = EligibilityResult.Judge(procedure, facts);
        return result.Eligible
            ? Decision.Record(new DossierOpened(
                id, target.Unit, target.Province, target.Day, procedure.Title, procedure.Id, procedure.Version, Pin(procedure, facts),
                procedure.Step(StepIds.Open)!.To, by, now, target.Tree.Above(target.Unit.Id, "district", target.Day)))
            : NotEligible(result);
    }

    internal static Task<IResult> Handle(
        Body body, HttpContext http, Commands commands, UnitRegister units, ProcedureBook book, DossierViews views) => commands.Run(http, async (c, ct) =>
    {
        var faults = new Faults().Required(body.Unit, "unit").Required(body.Title, "title")
            .Unless(body.On is null || body.On <= c.Today, "on", "Không được ở tương lai.", "Must not be in the future.");
        if (faults.Refuse() is { } incomplete) return incomplete;
        var (target, refusal) = Target.Resolve(await units.GetAsync(ct), book, body.Unit!, body.Title, body.On ?? c.Today);
        if (target is null) return refusal!;
        if (!target.MayOpen(c.Actor, c.Today)) return Problems.OfStatus(403);
        if (target.RefusePast(book, c.Today) is { } past) return past;
        if (c.IsStale(0)) return Refusal.Stale(0);

        // Written to by whoever opens, closes or grants: of two that open at once, one finds the other's claim.
        var hold = await c.Session.Events.FetchForWriting<TitleHold>(TitleHold.Key(target.Unit.Id, target.Procedure.Title), ct);
        var facts = await EligibilityFacts.LoadAsync(c.Session, target, ct);
        var decision = Decide(hold.Aggregate, target, facts, Guid.CreateVersion7(c.Now), c.Actor.Person, c.Now);
        if (decision.Refusal is { } no) return no;

        var opened = (DossierOpened)decision.Events[0];
        hold.AppendOne(new TitleClaimed(target.Unit.Id, opened.Title, opened.Dossier, opened.By, opened.At));
        c.Session.Events.StartStream(Dossier.Key(opened.Dossier), opened);
        return Outcome.Created(views.Of(Dossier.Create(opened), 1, c.Today, await KnownCalendar.LoadAsync(c.Session, ct)), 1, $"/api/appraisal/dossiers/{opened.Dossier}");
    });

    /// <summary>The refusal of a day in the past whose unit or procedure is not today's any more: what is judged are the facts that stand today.</summary>
    public static Refusal? RefusePast(this Target target, ProcedureBook book, DateOnly today)
    {
        if (target.Tree.On(target.Unit.Id, today) is null)
            return Refusal.Invalid("on", "unit-ended", $"{target.Unit.Name} không còn tồn tại.", $"{target.Unit.Name} does not exist any more.");
        var now = book.For(target.Procedure.Title, today).Procedure;
        if (now is not null) now = book.Effective(now, target.Tree.On(target.Province, today)?.Code, today);
        return now?.Version == target.Procedure.Version
            ? null
            : Refusal.Invalid(
                "on", "procedure-ended",
                $"Quy trình của ngày {target.Day:dd/MM/yyyy} (\"{target.Procedure.Version}\") nay không còn áp dụng.",
                $"The procedure of {target.Day:yyyy-MM-dd} (\"{target.Procedure.Version}\") does not hold any more.");
    }

    /// <summary>Whether a role of the actor opens a dossier of the unit on the day.</summary>
    public static bool MayOpen(this Target target, Actor actor, DateOnly today) =>
        target.Procedure.Step(StepIds.Open)!.TakenBy(today).Roles.Any(role => target.Tree.ActsAs(actor, role, target.Unit.Id, today));

    private static DossierBasis Pin(Procedure procedure, EligibilityFacts facts)
    {
        var based = BasedOn.Of(procedure, facts);
        IReadOnlyList<AssessmentBasis> reports = facts.Assessment?.Assessment.Basis ?? [];
        return new(
            based.Set, based.ReportVersion, based.Reports, based.AssessmentPosition,
            [.. facts.Confirmations.Select(c => new PinnedConfirmation(c.Condition, c.Revision, c.Met, c.Value, c.ValidOn, c.By))],
            [.. reports.SelectMany(r => r.Persons).Distinct(StringComparer.Ordinal)],
            // Without a list of its own, everyone who had a hand in the report counts as having entered it.
            [.. reports.SelectMany(r => r.Entered ?? r.Persons).Distinct(StringComparer.Ordinal)],
            based.SetVersion);
    }

    private static Refusal NotEligible(EligibilityResult result) =>
        Refusal.Conflict("not-eligible", "Đơn vị chưa đủ điều kiện xét công nhận.", "The unit is not eligible for the title.") with
        {
            More = new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["missing"] = result.Missing,
                ["conditions"] = result.Conditions.Where(c => c.Condition.Required && c.Status != EligibilityResult.Met)
                    .Select(c => new { c.Condition.Id, c.Status, c.Condition.Mark, c.RuleMark, c.TextMark }),
            },
        };

    private static Dictionary<string, object?> Named(string name, object value) => new(StringComparer.Ordinal) { [name] = value };
}
