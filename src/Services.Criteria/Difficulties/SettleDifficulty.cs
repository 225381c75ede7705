using Marten;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Difficulties;

/// <summary>Pass on, answer and withdraw: a difficulty goes up to the province, and the answer comes back.</summary>
internal static class SettleDifficulty
{
    public sealed record PassOnBody(string? Comment);

    public sealed record AnswerBody(string? Text);

    public sealed record WithdrawBody(string? Reason);

    public sealed record Case(Difficulty Difficulty, ReportChain Chain, UnitTree Tree, Actor Actor, DateTimeOffset Now)
    {
        public DateOnly Today => VietnamTime.DayOf(Now);

        /// <summary>The refusal of a step on what is answered or withdrawn.</summary>
        public Refusal? Settled() => !Difficulty.Settled ? null : Refusal.Conflict(
            "difficulty-settled",
            $"Khó khăn này đã {(Difficulty.Status == DifficultyStatus.Answered ? "được trả lời" : "được rút")}.",
            $"This difficulty is {Difficulty.NameOf(Difficulty.Status)} already.");
    }

    public static Task<IResult> PassOn(HttpContext http, Guid id, PassOnBody body, Commands commands, UnitRegister register, Demonstration demonstration) =>
        RunAsync(http, id, commands, register, demonstration, c => DecidePassOn(c, body));

    public static Task<IResult> Answer(HttpContext http, Guid id, AnswerBody body, Commands commands, UnitRegister register, Demonstration demonstration) =>
        RunAsync(http, id, commands, register, demonstration, c => DecideAnswer(c, body));

    public static Task<IResult> Withdraw(HttpContext http, Guid id, WithdrawBody body, Commands commands, UnitRegister register, Demonstration demonstration) =>
        RunAsync(http, id, commands, register, demonstration, c => DecideWithdraw(c, body));

    public static Decision DecidePassOn(Case c, PassOnBody body)
    {
        if (!c.Chain.IsChecker(c.Tree, c.Actor, c.Today)) return NotAbove;
        if (c.Chain.District is not { } district)
            return Refusal.Conflict("no-level-between", "Vào ngày đó không có cấp trung gian: tỉnh trả lời trực tiếp.", "There was no level between on that day: the province answers directly.");
        if (!c.Tree.ActsAs(c.Actor, Roles.DistrictOfficer, district, c.Today)) return NotAbove;
        var comment = Prose.Clean(body.Comment);
        if (new Faults().Readable(comment, "comment", required: false).Refuse() is { } refusal) return refusal;
        return c.Settled() is { } settled ? settled : Decision.Record(new DifficultyPassedOn(comment, c.Actor.Person, c.Now));
    }

    public static Decision DecideAnswer(Case c, AnswerBody body)
    {
        if (!c.Tree.ActsAs(c.Actor, Roles.ProvinceOfficer, c.Chain.Province, c.Today)) return NotAbove;
        var text = Prose.Clean(body.Text);
        if (new Faults().Readable(text, "text").Refuse() is { } refusal) return refusal;
        return c.Settled() is { } settled ? settled : Decision.Record(new DifficultyAnswered(text!, c.Actor.Person, c.Now));
    }

    public static Decision DecideWithdraw(Case c, WithdrawBody body)
    {
        if (!c.Tree.ActsAs(c.Actor, c.Chain.EntryRole(c.Tree), c.Chain.Unit.Id, c.Today))
            return Refusal.Forbidden("Chỉ đơn vị đã nêu được rút khó khăn này.", "Only the unit that raised it withdraws a difficulty.");
        var reason = Prose.Clean(body.Reason);
        if (new Faults().Readable(reason, "reason", required: false).Refuse() is { } refusal) return refusal;
        return c.Settled() is { } settled ? settled : Decision.Record(new DifficultyWithdrawn(reason, c.Actor.Person, c.Now));
    }

    internal static Refusal Unknown(Guid id) => Refusal.NotFound($"Không có khó khăn mang số {id}.", $"There is no difficulty {id}.");

    private static Refusal NotAbove { get; } = Refusal.Forbidden(
        "Chỉ cấp trên của đơn vị, theo ngày ghi nhận, được làm việc này.", "Only those above the unit on the record's day may do this.");

    private static Task<IResult> RunAsync(HttpContext http, Guid id, Commands commands, UnitRegister register, Demonstration demonstration, Func<Case, Decision> decide)
    {
        var key = Difficulty.Key(id);
        return commands.Run(http, key, async (c, ct) =>
        {
            var stream = await c.Session.Events.FetchForWriting<Difficulty>(key, ct);
            if (stream.Aggregate is not { } difficulty) return Unknown(id);
            var tree = await register.GetAsync(ct);
            var chain = ReportChain.Of(tree, difficulty);
            var decision = decide(new(difficulty, chain, tree, c.Actor, c.Now));
            if (decision.Refusal is { Status: 403 } noRight) return noRight;
            if (c.IsStale(difficulty.Version)) return Refusal.Stale(difficulty.Version);
            if (decision.Refusal is { } refusal) return refusal;
            stream.AppendMany(decision.Events);
            var after = decision.Events.Aggregate(difficulty, (d, e) => Difficulty.Fold(d, key, e)!);
            return Outcome.Ok(DifficultyView.Of(after, chain, tree, demonstration.On), after.Version);
        });
    }
}
