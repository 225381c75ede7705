using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Consequences;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Administration;

/// <summary>A unit as the act leaves it.</summary>
/// <param name="Parent">Code of the unit above it on the act's day.</param>
/// <param name="Version">Version of the unit's stream after the act; what If-Match names.</param>
public sealed record ActedUnit(
    Guid UnitId, string Code, string Name, string Level, string Kind, string? Parent, DateOnly? From, DateOnly? To, IReadOnlyList<UnitFact> Facts, long Version);

/// <summary>From the act's day on, officers of the one answer for what the other has left.</summary>
public sealed record PassedRights(UnitRef From, UnitRef To, string Part);

/// <summary>What hangs on the units that an act changes, and what else it changes.</summary>
/// <param name="Reports">Reports of open periods that are not approved yet.</param>
/// <param name="Deadlines">Reports that are still to be handed in, by units before the act or after it.</param>
/// <param name="Dossiers">Dossiers that have not ended.</param>
/// <param name="Titles">Titles in force on the act's day.</param>
/// <param name="Villages">Villages that go over to another commune.</param>
/// <param name="Rights">Whose records pass into whose hands.</param>
/// <param name="Unreachable">Reports of units that after a back-dated act were not in force, or not below the period's unit, on the day of the figures.</param>
public sealed record ActConsequences(
    IReadOnlyList<OpenReport> Reports, IReadOnlyList<Deadline> Deadlines, IReadOnlyList<KnownDossier> Dossiers, IReadOnlyList<KnownTitle> Titles,
    IReadOnlyList<UnitRef> Villages, IReadOnlyList<PassedRights> Rights, IReadOnlyList<OpenReport> Unreachable);

/// <summary>An act on the register, carried out or only shown.</summary>
/// <param name="Act">create, rename, move, classify, merge, split or dissolve.</param>
/// <param name="Events">What is recorded, in words.</param>
public sealed record ActAnswer(
    string Act, DateOnly On, string? LegalBasis, bool DryRun, IReadOnlyList<ActedUnit> Units, IReadOnlyList<string> Events, ActConsequences Consequences)
{
    internal static ActAnswer Of(string kind, Act act, UnitTree after, StoredRegister stored, UnitConsequences hanging, bool dryRun, Func<Text, string> say)
    {
        var counts = act.Events.CountBy(e => e.Unit).ToDictionary();
        return new(
            kind, act.On, act.Basis, dryRun,
            [.. act.Changed.Select(id => UnitOf(after, act.After[id], act.On, stored.Versions.GetValueOrDefault(id) + counts[id]))],
            [.. act.Events.Select(e => say(ActWords.Of(e.Event, after, e.Unit, act.On)))],
            new(
                hanging.Reports, hanging.Deadlines, hanging.Dossiers, hanging.Titles,
                [.. act.Events.Where(e => e.Event is UnitMoved && after.Find(e.Unit)!.Level == "village" && kind != "move").Select(e => after.Ref(e.Unit, act.On)!)],
                [.. act.Events.SelectMany(e => PassedOn(e.Event).Select(link => new PassedRights(after.Ref(e.Unit, act.Eve)!, after.Ref(link.Unit, link.On)!, link.Part)))],
                hanging.Unreachable));
    }

    private static IReadOnlyList<UnitLink> PassedOn(object e) => e switch
    {
        UnitMerged merged => merged.Successors,
        UnitSplit split => split.Successors,
        UnitDissolved dissolved => dissolved.Successors,
        _ => [],
    };

    private static ActedUnit UnitOf(UnitTree after, UnitState unit, DateOnly on, long version)
    {
        var v = after.On(unit.Id, on) ?? unit.Versions[^1];
        return new(unit.Id, v.Code, v.FullName, unit.Level, v.Kind, v.Parent is { } parent ? after.Ref(parent, on)?.Code : null, v.From, v.To, unit.Facts ?? [], version);
    }
}

/// <summary>Events of units in words.</summary>
internal static class ActWords
{
    public static Text Of(object e, UnitTree after, Guid unit, DateOnly on)
    {
        var name = after.Ref(unit, on) is { } called ? $"{called.Name} ({called.Code})" : unit.ToString();
        return e switch
        {
            UnitCreated => new($"Thành lập {name} từ {on:yyyy-MM-dd}", $"{name} is created from {on:yyyy-MM-dd}"),
            UnitRenamed => new($"Đổi tên hoặc mã thành {name} từ {on:yyyy-MM-dd}", $"Name or code becomes {name} from {on:yyyy-MM-dd}"),
            UnitReclassified c => new($"Đổi loại thành {c.Kind}: {name} từ {on:yyyy-MM-dd}", $"The kind becomes {c.Kind}: {name} from {on:yyyy-MM-dd}"),
            UnitMoved c => new($"{name} thuộc {Parent(c)} từ {on:yyyy-MM-dd}", $"{name} lies below {Parent(c)} from {on:yyyy-MM-dd}"),
            UnitClassified c => new($"Phân loại {name}: {Facts(c)}", $"{name} is classified: {Facts(c)}"),
            UnitEnlarged c => new($"{name} nhận từ {Links(c.Predecessors)}", $"{name} takes in from {Links(c.Predecessors)}"),
            UnitReduced c => new($"{name} giao một phần cho {Links(c.Successors)}", $"{name} gives a part to {Links(c.Successors)}"),
            UnitMerged c => new($"{name} nhập vào {Links(c.Successors)}, kết thúc {c.LastDay:yyyy-MM-dd}", $"{name} goes over into {Links(c.Successors)} and ends on {c.LastDay:yyyy-MM-dd}"),
            UnitSplit c => new($"{name} chia thành {Links(c.Successors)}, kết thúc {c.LastDay:yyyy-MM-dd}", $"{name} is divided among {Links(c.Successors)} and ends on {c.LastDay:yyyy-MM-dd}"),
            UnitDissolved c => new($"Giải thể {name}, kết thúc {c.LastDay:yyyy-MM-dd}", $"{name} is dissolved and ends on {c.LastDay:yyyy-MM-dd}"),
            _ => throw new InvalidOperationException($"An act records no {e.GetType().Name}."),
        };

        string Parent(UnitMoved moved) => moved.Parent is { } parent && after.Ref(parent, on) is { } above ? $"{above.Name} ({above.Code})" : "–";
        string Links(IReadOnlyList<UnitLink> links) => string.Join(", ", links.Select(l => $"{after.Ref(l.Unit, l.On)?.Name} ({l.Part})"));
        static string Facts(UnitClassified classified) => string.Join(", ", classified.Facts.Select(f => $"{f.Name} = {f.Value ?? "?"}"));
    }
}
