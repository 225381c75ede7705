using System.Runtime.CompilerServices;
using Marten;
using Ntm.Contracts;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Difficulties;

/// <summary>A difficulty as its readers see it: the unit and those above it.</summary>
/// <param name="Unit">Code of the unit on the record's day.</param>
/// <param name="Status">raised, passed-on, answered or withdrawn.</param>
/// <param name="Comments">What the level between wrote.</param>
public sealed record DifficultyView(
    Guid Id, string Unit, Guid UnitId, string Name, string? Period, string? Set, string? Indicator, string Text, string Status, DateTimeOffset RaisedAt, string RaisedBy,
    IReadOnlyList<Word> Comments, Word? Answer, string? Withdrawal, long Version, IReadOnlyList<NextStep> NextSteps, bool Demonstration)
{
    internal static DifficultyView Of(Difficulty d, ReportChain chain, UnitTree tree, bool demonstration) => new(
        d.Number, chain.Unit.Code, d.UnitId, chain.Unit.Name, d.Period, d.Set, d.Indicator, d.Raised.Text, Difficulty.NameOf(d.Status), d.Raised.At, d.Raised.By,
        d.Comments, d.Answer, d.Withdrawal, d.Version,
        d.Settled ? [] : [.. Asked(d, chain), new("withdraw", Href(d, "withdraw"), [chain.EntryRole(tree)], d.UnitId)], demonstration);

    /// <summary>The steps that somebody is asked to take: the level between until it has passed it on, and the province.</summary>
    internal static IReadOnlyList<NextStep> Asked(Difficulty d, ReportChain chain) => d.Settled ? [] :
    [
        .. d.Status == DifficultyStatus.Raised && chain.District is { } district ? [new NextStep("pass-on", Href(d, "pass-on"), [Roles.DistrictOfficer], district)] : (NextStep[])[],
        new("answer", Href(d, "answer"), [Roles.ProvinceOfficer], chain.Province),
    ];

    private static string Href(Difficulty d, string step) => $"/api/criteria/difficulties/{d.Number}/{step}";
}

/// <summary>Difficulties by period, unit, unit above and status.</summary>
internal static class GetDifficulties
{
    private const int Chunk = Paging.Most;
    private const int MostOfReport = 100;

    public static async Task<IResult> HandleOne(
        HttpContext http, Guid id, IQuerySession session, UnitRegister register, Demonstration demonstration, TimeProvider clock, CancellationToken ct)
    {
        if (await session.LoadAsync<Difficulty>(Difficulty.Key(id), ct) is not { } difficulty) return Problems.Of(SettleDifficulty.Unknown(id));
        var tree = await register.GetAsync(ct);
        if (!tree.MayRead(Actor.Of(http)!, difficulty.UnitId, difficulty.Day, clock.Today()))
            return Problems.Of(Refusal.Forbidden("Chỉ đơn vị và cấp trên của đơn vị được xem.", "Only the unit and those above it read its difficulties."));
        http.Response.Headers.ETag = ETags.Of(difficulty.Version);
        return TypedResults.Ok(DifficultyView.Of(difficulty, ReportChain.Of(tree, difficulty), tree, demonstration.On));
    }

    public static async Task<IResult> HandleList(
        HttpContext http, string? period, string? unit, string? parent, string? status, string? after, int? limit, IQuerySession session, UnitRegister register,
        Demonstration demonstration, TimeProvider clock, CancellationToken ct)
    {
        var faults = new Faults();
        var take = Paging.Limit(limit, faults);
        DifficultyStatus? wanted = Enum.GetValues<DifficultyStatus>().Cast<DifficultyStatus?>().FirstOrDefault(s => Difficulty.NameOf(s!.Value) == status);
        faults.Unless(status is null || wanted is not null, "status", "Trạng thái là raised, passed-on, answered hoặc withdrawn.", "The status is raised, passed-on, answered or withdrawn.");
        if (faults.Refuse(400) is { } refusal) return Problems.Of(refusal);
        if (period is not null && await session.LoadAsync<Period>(Period.Key(period), ct) is null) return Problems.Of(PeriodsModule.Unknown(period));
        var (tree, today, actor) = (await register.GetAsync(ct), clock.Today(), Actor.Of(http)!);
        foreach (var code in (string?[])[unit, parent])
            if (code is not null && !tree.Knows(code)) return Problems.Of(GetUnits.Unknown(code, today));

        Guid? begin = null;
        if (after is not null) begin = Guid.TryParseExact(after, "D", out var number) ? number : Guid.AllBitsSet;
        var of = Prose.Normal(period);
        Guid[]? units = actor.Has(Roles.Auditor) && unit is null && parent is null ? null : [.. Within(tree, actor, unit, parent)];
        return await Exports.AnswerAsync(http, "difficulties", FoundAsync(ct), d => KeyOf(d.Id), take);

        async IAsyncEnumerable<DifficultyView> FoundAsync([EnumeratorCancellation] CancellationToken token = default)
        {
            while (true)
            {
                IQueryable<Difficulty> query = session.Query<Difficulty>();
                if (units is not null) query = query.Where(d => d.UnitId.IsOneOf(units));
                if (of is not null) query = query.Where(d => d.Period == of);
                if (wanted is { } s) query = query.Where(d => d.Status == s);
                if (begin is { } last) query = query.Where(d => d.Number > last);
                var chunk = await query.OrderBy(d => d.Number).Take(Chunk).ToListAsync(token);
                foreach (var d in chunk.Where(IsAskedFor)) yield return DifficultyView.Of(d, ReportChain.Of(tree, d), tree, demonstration.On);
                if (chunk.Count < Chunk) yield break;
                begin = chunk[^1].Number;
            }
        }

        // The store knows the units; who stood above them on the record's day the register knows.
        bool IsAskedFor(Difficulty d) =>
            tree.MayRead(actor, d.UnitId, d.Day, today)
            && (unit is null || tree.Resolve(unit, d.Day)?.Id == d.UnitId)
            && (parent is null || (tree.Resolve(parent, d.Day) is { } above && tree.Chain(d.UnitId, d.Day).Any(u => u.Id == above.Id)));

        HashSet<Guid> Within(UnitTree tree, Actor actor, string? unit, string? parent)
        {
            HashSet<Guid>? found = actor.Has(Roles.Auditor) ? null : EverBelow(tree, actor.Grants.Select(g => tree.UnitOf(g, today)).OfType<Guid>().SelectMany(u => tree.AnsweredBy(u, today)));
            if (parent is not null) Narrow(EverBelow(tree, Carrying(parent)));
            if (unit is not null) Narrow([.. Carrying(unit)]);
            return found!;

            IEnumerable<Guid> Carrying(string code) => tree.All.Where(u => u.Versions.Any(v => v.Code == code)).Select(u => u.Id);

            void Narrow(HashSet<Guid> those)
            {
                if (found is null) found = those;
                else found.IntersectWith(those);
            }
        }
    }

    /// <summary>The units and all that lay below one of them on any day.</summary>
    private static HashSet<Guid> EverBelow(UnitTree tree, IEnumerable<Guid> units)
    {
        HashSet<Guid> found = [.. units];
        var children = tree.All.SelectMany(u => u.Versions.Where(v => v.Parent is not null).Select(v => (Parent: v.Parent!.Value, u.Id))).ToLookup(x => x.Parent, x => x.Id);
        Queue<Guid> waiting = new(found);
        while (waiting.TryDequeue(out var at))
            foreach (var child in children[at])
                if (found.Add(child)) waiting.Enqueue(child);
        return found;
    }

    /// <summary>The first hundred that are attached to the report, now or as they were at the position; the list has them all.</summary>
    public static async Task<IReadOnlyList<Difficulty>> OfReportAsync(IQuerySession session, string period, Guid unit, long? position, CancellationToken ct)
    {
        var attached = await session.Query<Difficulty>().Where(d => d.UnitId == unit && d.Period == period).OrderBy(d => d.Number).Take(MostOfReport).ToListAsync(ct);
        if (position is { } at && attached.Count > 0)
        {
            string[] keys = [.. attached.Select(d => d.Id)];
            var events = await session.Events.QueryAllRawEvents().Where(e => keys.Contains(e.StreamKey!) && e.Sequence <= at).OrderBy(e => e.Sequence).ToListAsync(ct);
            attached = [.. events.GroupBy(e => e.StreamKey!).Select(stream => stream.Aggregate((Difficulty?)null, (d, e) => Difficulty.Fold(d, stream.Key, e.Data))!)];
        }

        return [.. attached.OrderBy(d => KeyOf(d.Number), StringComparer.Ordinal)];
    }

    /// <summary>Numbers grow with the instant at which they were given out.</summary>
    private static string KeyOf(Guid number) => number.ToString("D");
}
