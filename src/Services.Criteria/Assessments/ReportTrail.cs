using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Reports;

namespace Ntm.Criteria.Assessments;

/// <summary>The figure of an indicator that counts on a day, over all periods of a set.</summary>
/// <param name="Sequence">Position of the event in the store.</param>
/// <param name="Approved">Whether an approval covers it.</param>
/// <param name="Judgement">The last word on it; where only what is approved counts, the last one that an approval covers.</param>
internal sealed record Standing(ReportedValue Value, DateOnly ValidOn, string Period, Guid EventId, long Sequence, bool Approved, Judgement? Judgement);

/// <summary>
/// What questions need of one report's stream, by position: which figures were recorded, what was judged, which steps were taken. Notes,
/// evidence and persons are left out, so that a province's reports of many years fit in memory. Never changes once made.
/// </summary>
internal sealed class ReportTrail
{
    /// <summary>The position after which nothing has happened yet.</summary>
    public const long Now = long.MaxValue - 1;

    private static readonly (ReportedValue Yes, ReportedValue No) Answers = (ReportedValue.Of(true), ReportedValue.Of(false));
    private readonly List<Figure> figures;
    private readonly List<Word> words;
    private readonly List<Step> steps;

    /// <summary>Each indicator with the position at which it got its first figure, in the order of those.</summary>
    private List<(long Sequence, string Indicator)> firsts = [];

    private ReportTrail(string id, ReportTrail? before)
    {
        (Id, Period, Set) = (id, before?.Period ?? "", before?.Set ?? "");
        (Unit, FiguresAsOf, Version, LastEvent) = (before?.Unit ?? default, before?.FiguresAsOf ?? default, before?.Version ?? 0, before?.LastEvent ?? default);
        (figures, words, steps) = ([.. before?.figures ?? []], [.. before?.words ?? []], [.. before?.steps ?? []]);
    }

    public string Id { get; }

    public string Period { get; private set; }

    public Guid Unit { get; private set; }

    public string Set { get; private set; }

    public DateOnly FiguresAsOf { get; private set; }

    /// <summary>Version of the stream that it is folded to.</summary>
    public long Version { get; private set; }

    /// <summary>The event at <see cref="Version"/>.</summary>
    public Guid LastEvent { get; private set; }

    /// <summary>How many figures were recorded, corrections counted.</summary>
    public int Figures => figures.Count;

    /// <summary>What it takes of memory, a figure being one (some 100 bytes): figures, judgements, and the texts of both.</summary>
    public int Weight { get; private set; }

    /// <summary>Whether anything had happened by the position.</summary>
    public bool IsOpenAt(long position) => steps.Count > 0 && steps[0].Sequence <= position;

    /// <summary>The report's trail with further events of its stream, in any order; those that it holds already are passed over.</summary>
    public static ReportTrail Of(string id, ReportTrail? before, IEnumerable<StoredEvent> events)
    {
        var making = new Making(id, before);
        foreach (var e in events) making.Add(e);
        return making.Made();
    }

    /// <summary>Status of the report at the position; open before its first event.</summary>
    public ReportStatus StatusAt(long position)
    {
        for (var n = steps.Count - 1; n >= 0; n--)
            if (steps[n].Sequence <= position) return steps[n].Status;
        return ReportStatus.Open;
    }

    /// <summary>When it was handed in for the first time by the position; null while it was not.</summary>
    public DateTimeOffset? FirstSubmittedAt(long position) => FirstAt(ReportStatus.Submitted, position);

    /// <summary>When it was approved for the first time by the position; null while it was not.</summary>
    public DateTimeOffset? FirstApprovedAt(long position) => FirstAt(ReportStatus.Approved, position);

    /// <summary>How often it was sent back by the position.</summary>
    public int ReturnsAt(long position) => steps.Count(s => s.Status == ReportStatus.Returned && s.Sequence <= position);

    /// <summary>Whether the unit has yet to hand in at the position, as <see cref="Report.IsAwaited"/> says it.</summary>
    public bool IsAwaitedAt(long position) => StatusAt(position) is ReportStatus.Open or ReportStatus.Returned && FirstApprovedAt(position) is null;

    /// <summary>How many of the indicators had a figure at the position.</summary>
    public int RecordedAt(long position, IReadOnlySet<string> indicators)
    {
        var recorded = 0;
        foreach (var (sequence, indicator) in firsts)
        {
            if (sequence > position) break;
            if (indicators.Contains(indicator)) recorded++;
        }

        return recorded;
    }

    /// <summary>The version of its set that the report was made by at the position, as <see cref="Report.VersionOf"/> says it.</summary>
    public SetVersion VersionOf(SetRecord set, long position)
    {
        var (pinned, known) = ((int?)null, (DateTimeOffset?)null);
        foreach (var step in steps.Where(s => s.Pins && s.Sequence <= position))
        {
            var kept = step.Status == ReportStatus.Approved ? step.SetVersion ?? pinned : step.SetVersion;
            (pinned, known) = (kept, kept is null ? step.At : null);
        }

        return (pinned is { } number ? set.Find(number) : null) ?? (known is { } at ? set.On(FiguresAsOf, at) : set.On(FiguresAsOf));
    }

    /// <summary>For each slot the figure that counts: the one recorded last of those valid by the day, over all the reports.</summary>
    /// <param name="slots">Indicators that are asked for.</param>
    /// <param name="position">Events beyond it have not happened.</param>
    public static Standing?[] Latest(IEnumerable<ReportTrail> reports, IReadOnlyDictionary<string, int> slots, DateOnly day, long position, bool approvedOnly)
    {
        var latest = new (ReportTrail? Report, int Figure)[slots.Count];
        foreach (var report in reports)
        {
            for (var n = 0; n < report.figures.Count; n++)
            {
                var figure = report.figures[n];
                if (figure.Sequence > position) break;
                if (figure.ValidOn > day || !slots.TryGetValue(figure.Indicator, out var slot)) continue;
                if (latest[slot] is ({ } other, var at) && other.figures[at].Sequence > figure.Sequence) continue;
                if (!approvedOnly || report.LastApproval(n, position) is not null) latest[slot] = (report, n);
            }
        }

        return [.. latest.Select(l => l.Report?.StandingOf(l.Figure, position, approvedOnly))];
    }

    private DateTimeOffset? FirstAt(ReportStatus status, long position) =>
        steps.FirstOrDefault(s => s.Status == status && s.Sequence <= position) is { Sequence: > 0 } step ? step.At : null;

    private Standing StandingOf(int at, long position, bool approvedOnly)
    {
        var (figure, approval) = (figures[at], LastApproval(at, position));
        var end = Math.Min(Replaced(at), approvedOnly ? approval ?? 0 : position + 1);
        var word = words.FindLastIndex(w => w.Indicator == figure.Indicator && w.Sequence > figure.Sequence && w.Sequence < end);
        return new(figure.Value, figure.ValidOn, Period, figure.EventId, figure.Sequence, approval is not null, word < 0 ? null : words[word].Judgement);
    }

    /// <summary>Position of the last approval by the position while the figure stood in the report.</summary>
    private long? LastApproval(int at, long position)
    {
        var replaced = (long?)null;
        for (var n = steps.Count - 1; n >= 0 && steps[n].Sequence > figures[at].Sequence; n--)
        {
            if (steps[n].Status != ReportStatus.Approved || steps[n].Sequence > position) continue;
            if (steps[n].Sequence < (replaced ??= Replaced(at))) return steps[n].Sequence;
        }

        return null;
    }

    /// <summary>Position at which another figure took the place of this one.</summary>
    private long Replaced(int at)
    {
        for (var n = at + 1; n < figures.Count; n++)
            if (figures[n].Indicator == figures[at].Indicator) return figures[n].Sequence;
        return long.MaxValue;
    }

    private readonly record struct Figure(long Sequence, string Indicator, ReportedValue Value, DateOnly ValidOn, Guid EventId);

    private readonly record struct Word(long Sequence, string Indicator, Judgement Judgement);

    /// <param name="Pins">Whether it says by which version of the set the report is made from here on.</param>
    private readonly record struct Step(long Sequence, ReportStatus Status, DateTimeOffset At, bool Pins, int? SetVersion);

    /// <summary>A trail in the making.</summary>
    public sealed class Making(string id, ReportTrail? before)
    {
        private readonly ReportTrail trail = new(id, before);
        private readonly long known = before?.Version ?? 0;
        private bool inOrder = true;

        public void Add(StoredEvent e)
        {
            if (e.Version <= known) return;
            inOrder &= e.Version > trail.Version;
            if (e.Version > trail.Version) (trail.Version, trail.LastEvent) = (e.Version, e.Id);
            if (IndicatorRecorded.Of(e.Data) is { } r)
            {
                var value = r.Value.Yes is { } yes ? yes ? Answers.Yes : Answers.No : r.Value;
                // Codes of published sets: a few hundred in all.
                trail.figures.Add(new(e.Sequence, string.Intern(r.Indicator), value, r.ValidOn, e.Id));
                return;
            }

            if (e.Data is ReportOpened o) (trail.Period, trail.Unit, trail.Set, trail.FiguresAsOf) = (o.Period, o.UnitId, string.Intern(o.Set), o.FiguresAsOf);
            if (e.Data is IndicatorJudged j) trail.words.Add(new(e.Sequence, string.Intern(j.Indicator), new(j.Met, j.Basis, j.By, j.At)));
            else if (StepOf(e) is { } step) trail.steps.Add(step);
        }

        public ReportTrail Made()
        {
            if (!inOrder)
            {
                trail.figures.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
                trail.words.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
                trail.steps.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
            }

            HashSet<string> seen = new(StringComparer.Ordinal);
            trail.firsts = [.. trail.figures.Where(f => seen.Add(f.Indicator)).Select(f => (f.Sequence, f.Indicator))];
            trail.figures.TrimExcess();
            var letters = trail.figures.Sum(f => f.Value.Text?.Length ?? 0) + trail.words.Sum(w => w.Judgement.Basis.Length);
            trail.Weight = 1 + trail.figures.Count + trail.words.Count + (letters / 50);
            return trail;
        }

        private static Step? StepOf(StoredEvent e) => e.Data switch
        {
            ReportOpened o => new(e.Sequence, ReportStatus.Open, o.At, true, o.SetVersion),
            ReportSubmitted s => new(e.Sequence, ReportStatus.Submitted, s.At, false, null),
            ReportReturned r => new(e.Sequence, ReportStatus.Returned, r.At, false, null),
            ReportVerified v => new(e.Sequence, ReportStatus.Verified, v.At, false, null),
            ReportApproved a => new(e.Sequence, ReportStatus.Approved, a.At, true, a.SetVersion),
            ReportReopened r => new(e.Sequence, ReportStatus.Open, r.At, true, r.SetVersion),
            _ => null,
        };
    }
}

/// <summary>An event of a report's stream, with where it stands in it and in the store.</summary>
internal readonly record struct StoredEvent(long Version, long Sequence, Guid Id, object Data);
