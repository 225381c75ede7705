using Marten;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Recognitions;

/// <summary>
/// Whoever decides on the title (<see cref="Decider"/>) acknowledges (thừa nhận) one of the predecessors for the unit that was made of them
/// (CV 3372/BNN-VPĐP, 2020: "the competent authority"; CV 5424/BNN-VPĐP, 2023). Where the rule of the merger is not known, nothing is
/// acknowledged but by this decision.
/// </summary>
public static class AcknowledgeTitle
{
    /// <param name="Unit">Code of the unit on the day of the decision.</param>
    /// <param name="Year">Year of the title; left out, the rule of the merger says it, as far as it is known.</param>
    public sealed record Body(string? Unit, string? Title, string? Number, DateOnly? Date, string? LegalBasis, int? Year = null);

    /// <summary>All that is decided by.</summary>
    /// <param name="Issuer">Who acknowledges (<see cref="Issuers"/>).</param>
    /// <param name="Entries">Entries of the unit and of those that it was made of.</param>
    public sealed record Case(UnitRef Unit, string Title, string Issuer, TitleHold? Hold, IReadOnlyList<Recognition> Entries, UnitTree Tree, ProcedureBook Book);

    /// <param name="entry">Id of the new entry.</param>
    public static Decision Decide(Case on, Body body, Guid entry, string by, DateTimeOffset now)
    {
        var (number, legalBasis) = (Prose.Clean(body.Number), Prose.Clean(body.LegalBasis));
        var faults = new Faults()
            .Number(number, "number")
            .Readable(legalBasis, "legalBasis")
            .NotInFuture(body.Date, "date", VietnamTime.DayOf(now))
            .Unless(
                body.Year is null || body.Date is null || (body.Year >= 2010 && body.Year <= body.Date.Value.Year), "year",
                "Phải từ 2010 đến năm của quyết định.", "Must be from 2010 to the year of the decision.");
        if (faults.Refuse() is { } refusal) return refusal;
        if (on.Hold?.Granted is not null) return Refusal.Conflict("title-in-force", "Danh hiệu này đang có hiệu lực.", "The title is in force.");
        if (on.Hold?.Open is not null) return Refusal.Conflict("dossier-open", "Đơn vị đang có hồ sơ cho danh hiệu này.", "The unit has an open dossier for this title.");

        var standing = new Standing(on.Tree, on.Book, body.Date!.Value, on.Entries, on.Unit.Id);
        var pending = on.Entries.Where(e => e.From <= body.Date && e.UnitId != on.Unit.Id && standing.StatusOf(e) == Standing.Pending).ToList();
        if (standing.PredecessorsOf(on.Unit.Id) is not { } made || pending.Count == 0)
        {
            return Refusal.Conflict(
                "nothing-to-acknowledge", "Sổ công nhận không có danh hiệu nào của đơn vị cũ đang chờ thừa nhận.", "The register holds no title of predecessors that waits for an acknowledgement.");
        }

        var rank = on.Book.RankOf(on.Title);
        if (pending.TrueForAll(e => on.Book.RankOf(e.Title) < rank))
        {
            return Refusal.Conflict(
                "title-not-held", $"Không đơn vị cũ nào có danh hiệu \"{on.Title}\" hoặc cao hơn.", $"No predecessor holds the title \"{on.Title}\" or a higher one.");
        }

        var rule = on.Book.InheritanceOn(made.On);
        if (rule?.HeldBy == InheritanceRule.All && made.Parts.Where(p => p.Held is null || on.Book.RankOf(p.Held.Title) < rank).Select(p => p.Unit).ToList() is { Count: > 0 } without)
        {
            string[] names = [.. without.Select(u => on.Tree.Ref(u, made.On.AddDays(-1))?.Name ?? $"{u}")];
            return Refusal.Conflict(
                "predecessor-without-title",
                $"Đơn vị cũ chưa có danh hiệu này: {string.Join(", ", names)}; phải theo quy trình công nhận đầy đủ ({rule.LegalRef}).",
                $"Predecessors without the title: {string.Join(", ", names)}; the full procedure applies ({rule.LegalRef}).");
        }

        int? year = body.Year ?? (rule?.Year == InheritanceRule.Last ? pending.Where(e => on.Book.RankOf(e.Title) >= rank).Max(Standing.YearOf) : null);
        return Decision.Record(new TitleAcknowledged(
            entry, on.Unit, on.Title, number!, body.Date.Value, legalBasis!, year, [.. pending.Select(e => e.State.Dossier)], on.Issuer, by, now));
    }

    internal static Task<IResult> Handle(Body body, HttpContext http, Commands commands, UnitRegister units, ProcedureBook book, Demonstration demonstration) => commands.Run(http, async (c, ct) =>
    {
        if (new Faults().Required(body.Unit, "unit").Required(body.Title, "title").Refuse() is { } incomplete) return incomplete;
        var (tree, day) = (await units.GetAsync(ct), body.Date ?? c.Today);
        if (book.Titles.FirstOrDefault(t => t.Id == body.Title) is not { } title)
            return Refusal.Invalid("title", "title-unknown", $"Không có danh hiệu \"{body.Title}\".", $"There is no title \"{body.Title}\".");
        if (tree.Resolve(body.Unit!, day) is not { } unit) return Target.NoUnit(body.Unit!, day);
        if (tree.Find(unit.Id)?.Level != title.Tier || tree.ProvinceOf(unit.Id, day) is null)
        {
            return Refusal.Invalid(
                "unit", "unit-tier", $"{unit.Name} không thuộc cấp của danh hiệu \"{body.Title}\".", $"{unit.Name} is not of the tier of the title \"{body.Title}\".");
        }

        if (Decider.Of(title.Id, unit.Id, day, book, tree, c.Actor, c.Today) is not { May: true } decider) return Problems.OfStatus(403);
        if (c.IsStale(0)) return Refusal.Stale(0);
        var hold = await c.Session.Events.FetchForWriting<TitleHold>(TitleHold.Key(unit.Id, title.Id), ct);
        Guid[] concerned = [.. tree.AnsweredBy(unit.Id, day)];
        var entries = await c.Session.Query<Recognition>().Where(r => r.UnitId.IsOneOf(concerned)).ToListAsync(ct);
        var decision = Decide(new(unit, title.Id, decider.Issuer, hold.Aggregate, entries, tree, book), body, Guid.CreateVersion7(c.Now), c.Actor.Person, c.Now);
        if (decision.Refusal is { } refusal) return refusal;

        var e = (TitleAcknowledged)decision.Events[0];
        var numbers = new DecisionNumbers(c.Session, book, tree, e.Issuer, decider.Province, e.By, e.At);
        if (await numbers.TakeAsync(e.DecisionDate, e.DecisionNumber, e.Entry, ct) is { } taken) return taken;
        hold.AppendMany(new TitleClaimed(unit.Id, title.Id, e.Entry, e.By, e.At), new TitleGranted(e.Entry, e.By, e.At));
        c.Session.Events.StartStream(Recognition.Key(e.Entry), e);
        foreach (var predecessor in e.Predecessors)
        {
            // Their versions are compared too: of two acknowledgements of one title, one finds it settled.
            var stream = await c.Session.Events.FetchForWriting<Recognition>(Recognition.Key(predecessor), ct);
            stream.AppendOne(new RecognitionSucceeded(unit, e.DecisionDate, e.Entry, e.By, e.At));
        }

        var entry = Recognition.Of(e, demonstration.On);
        return Outcome.Created(GetRecognitions.Item.Of(entry, new(tree, book, c.Today, [entry])), 1, $"/api/appraisal/recognitions?unit={unit.Code}&title={title.Id}");
    });
}
