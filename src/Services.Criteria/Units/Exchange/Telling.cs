using Ntm.Contracts.Criteria;

namespace Ntm.Criteria.Units.Exchange;

/// <summary>A unit's history told in events, beyond what is known of it: folded after them it is as the file says.</summary>
internal sealed class Telling(FileUnit file, UnitState told, UnitState? known, string person, DateTimeOffset now)
{
    private readonly List<(DateOnly Day, int Order, object Event)> events = [];

    public IReadOnlyList<object> Events()
    {
        var first = told.Versions[0];
        List<object> all = [];
        List<UnitLink> predecessors = [.. told.Predecessors.Where(l => known?.Predecessors.Contains(l) != true)];
        List<UnitLink> successors = [.. told.Successors.Where(l => known?.Successors.Contains(l) != true)];
        if (known is null)
        {
            var birth = new Decision(first.LegalBasis, first.Mark);
            List<UnitLink> atBirth = [.. predecessors.Where(l => l.On == first.From && (file.Of(before: true, l) ?? birth) == birth)];
            predecessors.RemoveAll(atBirth.Contains);
            all.Add(new UnitCreated(
                told.Id, told.Level, told.Region, first.Code, first.Name, first.FullName, first.Kind, first.Parent, first.From, atBirth, first.LegalBasis, first.Mark, person, now));
        }

        for (var i = known?.Versions.Count ?? 1; i < told.Versions.Count; i++) Changed(told.Versions[i - 1], told.Versions[i]);
        foreach (var day in predecessors.GroupBy(l => (l.On, By: file.Of(before: true, l) ?? DecisionOf(l.On))))
            Add(day.Key.On, 1, new UnitEnlarged([.. day], day.Key.On, day.Key.By.LegalBasis, day.Key.By.Mark, person, now));
        if (told.Versions[^1].To is { } last && (known is null || known.Versions[^1].To is null)) Ended(last, successors);
        foreach (var day in successors.GroupBy(l => (l.On, By: file.Of(before: false, l) ?? DecisionOf(l.On))))
            Add(day.Key.On, 1, new UnitReduced([.. day], day.Key.On, day.Key.By.LegalBasis, day.Key.By.Mark, person, now));
        all.AddRange(events.OrderBy(e => e.Day).ThenBy(e => e.Order).Select(e => e.Event));
        if (RegisterImport.AddedFacts(known, told) is { Count: > 0 } facts) all.Add(new UnitClassified(facts, null, person, now));
        return all;
    }

    private void Changed(UnitVersion before, UnitVersion v)
    {
        var from = v.From!.Value;
        var (recoded, reclassified, moved) = (v.Code != before.Code, v.Kind != before.Kind, v.Parent != before.Parent);
        var renamed = v.Name != before.Name || v.FullName != before.FullName;
        if (recoded || (renamed && !reclassified) || (!reclassified && !moved)) Add(from, 0, new UnitRenamed(v.Code, v.Name, v.FullName, from, v.LegalBasis, v.Mark, person, now));
        if (reclassified) Add(from, 0, new UnitReclassified(v.Name, v.FullName, v.Kind, from, v.LegalBasis, v.Mark, person, now));
        if (moved) Add(from, 0, new UnitMoved(v.Parent, from, v.LegalBasis, v.Mark, person, now));
    }

    private void Ended(DateOnly last, List<UnitLink> successors)
    {
        var end = file.End is { } said ? new(said.LegalBasis, said.Mark ?? Decision.Unknown) : EndOf(last, successors);
        List<UnitLink> heirs = [.. successors.Where(l => l.On == last.AddDays(1) && (file.Of(before: false, l) ?? end) == end)];
        successors.RemoveAll(heirs.Contains);
        Add(last.AddDays(1), 2, (file.End?.Kind, heirs.Count) switch
        {
            ("merged", _) or (null, 1) => new UnitMerged(heirs, last, end.LegalBasis, end.Mark, person, now),
            ("split", _) or (null, > 1) => new UnitSplit(heirs, last, end.LegalBasis, end.Mark, person, now),
            _ => new UnitDissolved(heirs, last, end.LegalBasis, end.Mark, person, now),
        });
    }

    /// <summary>The decision of the heirs, where the file names one for all of them; else nobody knows.</summary>
    private Decision EndOf(DateOnly last, IEnumerable<UnitLink> successors) =>
        successors.Where(l => l.On == last.AddDays(1)).Select(l => file.Of(before: false, l)).Distinct().ToList() is [{ } one] ? one : Nobodys;

    private static Decision Nobodys { get; } = new(null, Decision.Unknown);

    /// <summary>That of the version that begins on the day; nobody's word is raised to a mark that it has not.</summary>
    private Decision DecisionOf(DateOnly day) => told.Versions.FirstOrDefault(v => v.From == day) is { } version ? new(version.LegalBasis, version.Mark) : Nobodys;

    private void Add(DateOnly day, int order, object e) => events.Add((day, order, e));
}
