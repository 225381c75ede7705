using JasperFx.Events;
using Marten;
using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Assessments;

/// <summary>One indicator that is assessed otherwise.</summary>
/// <param name="What">What differs: status, value, rule, mark, approved, judgement, event.</param>
/// <param name="From">Null where the first version of the set does not have the indicator.</param>
internal sealed record Changed(string Code, int Criterion, IReadOnlyList<string> What, Assessment.AssessedIndicator? From, Assessment.AssessedIndicator? To)
{
    /// <summary>Indicators that differ, in the order of criteria and codes.</summary>
    public static IReadOnlyList<Changed> Between(Assessment from, Assessment to)
    {
        var (left, right) = (ByCode(from), ByCode(to));
        return
        [
            .. left.Keys.Union(right.Keys, StringComparer.Ordinal)
                .Select(code => (Code: code, From: left.GetValueOrDefault(code), To: right.GetValueOrDefault(code)))
                .Select(x => new Changed(x.Code, x.From.No == 0 ? x.To.No : x.From.No, [.. Differing(x.From.Indicator, x.To.Indicator)], x.From.Indicator, x.To.Indicator))
                .Where(c => c.What.Count > 0).OrderBy(c => c.Criterion).ThenBy(c => c.Code.Length).ThenBy(c => c.Code, StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<string> Differing(Assessment.AssessedIndicator? from, Assessment.AssessedIndicator? to)
    {
        if (from?.Status != to?.Status) yield return "status";
        if (from?.Value != to?.Value) yield return "value";
        if (from?.Rule != to?.Rule || from?.LegalBasis != to?.LegalBasis) yield return "rule";
        if (from?.Mark != to?.Mark || from?.TextMark != to?.TextMark) yield return "mark";
        if (from?.Approved != to?.Approved) yield return "approved";
        if (from?.Judgement != to?.Judgement) yield return "judgement";
        if (from?.EventId != to?.EventId) yield return "event";
    }

    private static Dictionary<string, (int No, Assessment.AssessedIndicator? Indicator)> ByCode(Assessment a) =>
        a.Criteria.SelectMany(c => c.Indicators.Select(i => (c.No, Indicator: (Assessment.AssessedIndicator?)i))).ToDictionary(x => x.Indicator!.Code, x => x, StringComparer.Ordinal);
}

/// <summary>What changed in a unit's assessment between two days, or two instants.</summary>
internal static class GetDifference
{
    /// <param name="Asked">The day or instant as the caller wrote it.</param>
    public sealed record Side(string Asked, DateOnly ValidOn, long? AsOfPosition, int SetVersion, UnitLevel At, Score Score);

    /// <summary>The event behind a figure.</summary>
    /// <param name="Event">Stored name of the event.</param>
    /// <param name="Version">Version of the report.</param>
    public sealed record Behind(Guid EventId, string Event, DateTimeOffset At, string By, string Client, string Period, long Version);

    public sealed record Indicator(
        string Status, ReportedValue? Value, DateOnly? ValidOn, string? Rule, string? LegalBasis, string Mark, bool Approved, Judgement? Judgement, Behind? Behind);

    /// <param name="Changed">What differs: status, value, rule, mark, approved, judgement, event.</param>
    public sealed record Item(string Code, int Criterion, IReadOnlyList<string> Changed, Indicator? From, Indicator? To);

    public sealed record CriterionItem(int No, string? From, string? To);

    public sealed record View(
        string Unit, Guid UnitId, string Name, string Set, Side From, Side To, IReadOnlyList<CriterionItem> Criteria, IReadOnlyList<Item> Items, string? Next, int Unchanged);

    public static async Task<IResult> Handle(
        HttpContext http, string unit, string? set, string? from, string? to, string? fromValidOn, string? toValidOn, string? on, Looking looking, SetCatalogue sets,
        Assessor assessor, IQuerySession session, CancellationToken ct)
    {
        var faults = new Faults().Required(set, "set").Required(from, "from");
        var (first, second) = (MomentOf(from, fromValidOn, "from", looking.Today, faults), MomentOf(to, toValidOn, "to", looking.Today, faults));
        var codeDay = Days.Parse(on, "on", second.Day, faults);
        if (faults.Refuse(400) is { } malformed) return Problems.Of(malformed);

        var (known, unreadable) = await looking.AtAsync(first.Instant, ct, "from");
        if (known is null) return Problems.Of(unreadable!);
        var (then, neither) = await looking.AtAsync(second.Instant, ct, "to");
        if (then is null) return Problems.Of(neither!);
        // The code is read by the register of the later side.
        if (then.Tree.Resolve(unit, codeDay) is not { } named) return Problems.Of(GetUnits.Unknown(unit, codeDay));
        var may = then.Now.ReaderOf(Actor.Of(http)!, looking.Today);
        if (!may(named.Id, codeDay) || !may(named.Id, first.Day) || !may(named.Id, second.Day)) return Problems.Of(AssessmentsModule.NoRight);
        var reports = await assessor.ReportsAsync(set!, named.Id, ct);
        var (before, refusal) = await SideAsync(first, known);
        if (before is not { } left) return Problems.Of(refusal!);
        var (after, other) = await SideAsync(second, then);
        if (after is not { } right) return Problems.Of(other!);

        var changed = Changed.Between(left.Assessment, right.Assessment);
        var events = await EventsAsync(session, [.. changed.SelectMany(c => new[] { c.From?.Sequence, c.To?.Sequence }).OfType<long>().Distinct()], ct);
        return TypedResults.Ok(new View(
            named.Code, named.Id, named.Name, set!, left.Side, right.Side, CriteriaOf(left.Assessment, right.Assessment),
            [.. changed.Select(c => new Item(c.Code, c.Criterion, c.What, IndicatorOf(c.From, events), IndicatorOf(c.To, events)))], null,
            left.Assessment.Criteria.Concat(right.Assessment.Criteria).SelectMany(c => c.Indicators).Select(i => i.Code).Distinct(StringComparer.Ordinal).Count() - changed.Count));

        async Task<((Side Side, Assessment Assessment)? Side, Refusal? Refusal)> SideAsync(Moment moment, Known known)
        {
            if (await sets.FindAsync(set!, known.Position, ct) is not { } record) return (null, SetCommands.Unknown(set!));
            var version = record.On(moment.Day);
            var level = Dimensions.Of(known.Tree, version.Set, named.Id, moment.Day);
            var assessment = Assessment.Of(new Yardstick(version.Set, level.Value), reports, moment.Day, known.By);
            return ((new(moment.Asked, moment.Day, known.Position, version.Number, level, Score.Of(assessment)), assessment), null);
        }
    }

    /// <param name="Instant">Up to which what was recorded counts; null for all.</param>
    internal sealed record Moment(string Asked, string? Instant, DateOnly Day);

    /// <summary>A day is one of the figures, with all that is recorded by now; an instant also leaves out what was recorded later.</summary>
    internal static Moment MomentOf(string? asked, string? validOn, string field, DateOnly today, Faults faults)
    {
        var isDay = asked is null || asked.Length == 10;
        var day = isDay ? Days.Parse(asked, field, today, faults) : AsOf.DayOf(asked) ?? today;
        return new(asked ?? $"{today:yyyy-MM-dd}", isDay ? null : asked, Days.Parse(validOn, $"{field}ValidOn", day, faults));
    }

    private static List<CriterionItem> CriteriaOf(Assessment one, Assessment other) =>
    [
        .. from no in one.Criteria.Concat(other.Criteria).Select(c => c.No).Distinct().Order()
           let left = one.Criteria.FirstOrDefault(c => c.No == no)?.Status
           let right = other.Criteria.FirstOrDefault(c => c.No == no)?.Status
           where left != right
           select new CriterionItem(no, left, right),
    ];

    private static async Task<Dictionary<Guid, IEvent>> EventsAsync(IQuerySession session, long[] positions, CancellationToken ct) => positions.Length == 0
        ? []
        : (await session.Events.QueryAllRawEvents().Where(e => positions.Contains(e.Sequence)).ToListAsync(ct)).ToDictionary(e => e.Id);

    private static Indicator? IndicatorOf(Assessment.AssessedIndicator? i, Dictionary<Guid, IEvent> events) => i is null ? null : new(
        i.Status, i.Value, i.ValidOn, i.Rule, i.LegalBasis, i.Mark, i.Approved, i.Judgement,
        i.EventId is { } id && events.TryGetValue(id, out var e) ? new(id, e.EventTypeName, e.Timestamp, e.UserName ?? "", e.ClientOf(), i.Period!, e.Version) : null);
}
