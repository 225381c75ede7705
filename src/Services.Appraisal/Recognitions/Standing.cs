using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Recognitions;

/// <summary>What the unit could be acknowledged with, by the rule of the day on which it was made.</summary>
/// <param name="Title">Null where no rule is known, or where one of the predecessors holds none.</param>
/// <param name="Year">Year of the title; null where no rule says it.</param>
/// <param name="Mark">How sure the rule is; unknown where there is none.</param>
public sealed record InheritanceProposal(string? Title, int? Year, string Mark, string? LegalRef);

/// <summary>A title of a unit that ended, while nobody has decided on it for those who came after.</summary>
/// <param name="Since">First day without the unit.</param>
/// <param name="Year">Year of the title.</param>
/// <param name="By">The units of the day that came after; where one was asked for, that one.</param>
/// <param name="Proposal">Told where one unit was asked for.</param>
public sealed record PendingInheritance(DateOnly Since, int? Year, IReadOnlyList<UnitRef> By, InheritanceProposal? Proposal);

/// <summary>
/// How entries of the register stand on a day, through mergers. A title ends with its unit: nobody inherits it silently; it waits until
/// it is acknowledged by decision, or the unit that came after is recognised itself. Pure.
/// </summary>
/// <param name="Known">Entries of the units that came after.</param>
/// <param name="Asked">The unit that was asked for; null for the whole register.</param>
public sealed record Standing(UnitTree Tree, ProcedureBook Book, DateOnly Day, IReadOnlyList<Recognition> Known, Guid? Asked = null)
{
    public const string InForce = "in-force";
    public const string Revoked = "revoked";
    public const string Succeeded = "succeeded";
    public const string Pending = "inherited-pending";
    public const string Ended = "ended";

    public string StatusOf(Recognition entry)
    {
        if (entry.State.Status == Revoked) return entry.To < Day ? Revoked : InForce;
        if (!HasEnded(entry.UnitId)) return InForce;
        var heirs = HeirsOf(entry.UnitId);
        if (heirs.Count == 0) return Ended;
        var settled = (entry.State.Successions ?? []).Any(s => s.On <= Day && heirs.Contains(s.Unit.Id))
            || Known.Any(k => k.From <= Day && k.State.Status != Revoked && heirs.Contains(k.UnitId) && Book.RankOf(k.Title) >= Book.RankOf(entry.Title));
        return settled ? Succeeded : Pending;
    }

    /// <summary>What is waited for; null unless the entry waits for an acknowledgement.</summary>
    public PendingInheritance? PendingOf(Recognition entry) => StatusOf(entry) != Pending
        ? null
        : new(
            LastDay(entry.UnitId)!.Value.AddDays(1), YearOf(entry),
            [.. (Asked is { } asked ? [asked] : HeirsOf(entry.UnitId).Where(h => !HasEnded(h))).Select(h => Tree.Ref(h, Day)).OfType<UnitRef>()],
            Asked is { } of ? Propose(of) : null);

    /// <summary>Year of the title: what the decision or the acknowledgement says, else that of the decision.</summary>
    public static int? YearOf(Recognition entry) => entry.State.Inherited is { } inherited ? inherited.Year : entry.State.Year ?? entry.From.Year;

    /// <summary>Whether the unit existed before the day and does no more.</summary>
    public bool HasEnded(Guid unit) => LastDay(unit) < Day;

    /// <summary>Units that ended into the unit when it was made, with the title that each held last; null for a unit that was not made of others.</summary>
    public (DateOnly On, IReadOnlyList<(Guid Unit, Recognition? Held)> Parts)? PredecessorsOf(Guid unit)
    {
        var links = (Tree.Find(unit)?.Predecessors ?? []).Where(p => p.On <= Day && LastDay(p.Unit) is { } last && last.AddDays(1) == p.On).ToList();
        if (links.Count == 0) return null;
        var made = links.Max(l => l.On);
        return (made, [.. links.Where(l => l.On == made).Select(l => l.Unit).Distinct().Select(u => (u, Known.Where(k => k.UnitId == u && k.From <= Day).MaxBy(k => Book.RankOf(k.Title))))]);
    }

    public InheritanceProposal? Propose(Guid unit)
    {
        if (PredecessorsOf(unit) is not { } made) return null;
        if (Book.InheritanceOn(made.On) is not { Proposes: InheritanceRule.Lowest } rule) return new(null, null, "unknown", null);
        var held = made.Parts.Select(p => p.Held).OfType<Recognition>().ToList();
        return held.Count < made.Parts.Count
            ? new(null, null, rule.Mark, rule.LegalRef)
            : new(held.MinBy(h => Book.RankOf(h.Title))!.Title, rule.Year == InheritanceRule.Last ? held.Max(YearOf) : null, rule.Mark, rule.LegalRef);
    }

    private DateOnly? LastDay(Guid unit) =>
        Tree.Find(unit)?.Versions is { Count: > 0 } versions && versions.Max(v => v.To ?? DateOnly.MaxValue) is var last && last < DateOnly.MaxValue ? last : null;

    /// <summary>All that the unit went over into, whole, up to the day; where one unit was asked for, those on the way to it.</summary>
    private HashSet<Guid> HeirsOf(Guid unit)
    {
        if (Asked is { } asked) return [.. Tree.AnsweredBy(asked, Day).Where(heir => heir != unit && Tree.AnsweredBy(heir, Day).Contains(unit))];
        HashSet<Guid> heirs = [];
        Queue<Guid> waiting = new([unit]);
        while (waiting.TryDequeue(out var at))
        {
            foreach (var link in (Tree.Find(at)?.Successors ?? []).Where(l => l.On <= Day && LastDay(at)?.AddDays(1) == l.On))
                if (heirs.Add(link.Unit)) waiting.Enqueue(link.Unit);
        }

        return heirs;
    }

    /// <summary>Units whose entries say whether those of ended units are settled.</summary>
    public IEnumerable<Guid> HeirsOf(IEnumerable<Recognition> entries) => entries.Where(e => HasEnded(e.UnitId)).SelectMany(e => HeirsOf(e.UnitId)).Distinct();
}
