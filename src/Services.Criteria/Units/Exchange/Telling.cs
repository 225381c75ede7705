using Ntm.Contracts.Criteria;

namespace Ntm.Criteria.Units.Exchange;

/// <summary>A unit's history told in events, beyond what is known of it: folded after them it is as the file says.</summary>
internal sealed class Telling(UnitState told, UnitState? known, string person, DateTimeOffset now)
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
            List<UnitLink> atBirth = [.. predecessors.Where(l => l.On == first.From)];
            predecessors.RemoveAll(atBirth.Contains);
            all.Add(new UnitCreated(
                told.Id, told.Level, told.Region, first.Code, first.Name, first.FullName, first.Kind, first.Parent, first.From, atBirth, first.LegalBasis, first.Mark, person, now));
        }

        for (var i = known?.Versions.Count ?? 1; i < told.Versions.Count; i++) Changed(told.Versions[i - 1], told.Versions[i]);
        foreach (var day in predecessors.GroupBy(l => l.On)) Add(day.Key, 1, new UnitEnlarged([.. day], day.Key, BasisOn(day.Key), MarkOn(day.Key), person, now));
        if (told.Versions[^1].To is { } last && (known is null || known.Versions[^1].To is null)) Ended(last, successors);
        foreach (var day in successors.GroupBy(l => l.On)) Add(day.Key, 1, new UnitReduced([.. day], day.Key, BasisOn(day.Key), MarkOn(day.Key), person, now));
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
        List<UnitLink> heirs = [.. successors.Where(l => l.On == last.AddDays(1))];
        successors.RemoveAll(heirs.Contains);
        var mark = told.Versions[^1].Mark;
        Add(last.AddDays(1), 2, heirs.Count switch
        {
            0 => new UnitDissolved([], last, null, mark, person, now),
            1 => new UnitMerged(heirs, last, null, mark, person, now),
            _ => new UnitSplit(heirs, last, null, mark, person, now),
        });
    }

    private void Add(DateOnly day, int order, object e) => events.Add((day, order, e));

    private string? BasisOn(DateOnly day) => told.Versions.FirstOrDefault(v => v.From == day)?.LegalBasis;

    private string MarkOn(DateOnly day) => (told.Versions.FirstOrDefault(v => v.From == day) ?? told.Versions[^1]).Mark;
}
