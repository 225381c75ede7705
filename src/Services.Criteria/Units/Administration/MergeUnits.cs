using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Administration;

/// <summary>Units go over, whole or in part, into a new unit or into one that stays itself.</summary>
internal static class MergeUnits
{
    public const int MostUnits = 200;
    public const string Whole = "whole";

    /// <param name="Part"><c>whole</c>, or the words of the act for the part.</param>
    /// <param name="Ends">Whether nothing of it is left, so that it ends; a whole unit always does.</param>
    public sealed record Giver(string? Unit, string? Part, bool? Ends);

    /// <param name="Unit">Code of a unit that stays itself; without it a new unit is made.</param>
    /// <param name="Parent">Code of the new unit's parent; the givers' common parent where nothing is said.</param>
    public sealed record Target(string? Unit, string? Code, string? Name, string? FullName, string? Kind, string? Parent);

    /// <param name="Villages">Codes of villages that go over with a part; those of a whole unit always do.</param>
    public sealed record Body(Target? Into, IReadOnlyList<Giver?>? From, IReadOnlyList<string?>? Villages, DateOnly? On, string? LegalBasis);

    public static void Plan(Act act, Body body)
    {
        var givers = GiversOf(act, body.From);
        var target = body.Into is { Unit: not null } into ? act.Find(into.Unit, act.On, "into.unit") : null;
        if (body.Into is null) act.Fault("into", "required", "Thiếu đơn vị nhận.", "The unit that receives is missing.");
        if (target is not null)
        {
            act.Changes(target, "into");
            foreach (var (giver, at) in givers.Where(g => g.Unit.Id == target.Id).Select(g => (g.Unit, g.Field)))
                act.Fault($"{at}.unit", "link-to-itself", "Đơn vị không thể sáp nhập vào chính nó.", "A unit cannot merge into itself.", giver.Id);
        }

        var levels = givers.Select(g => g.Unit).Append(target).OfType<UnitState>().Select(u => u.Level).Distinct(StringComparer.Ordinal).ToList();
        if (levels.Count > 1) act.Fault("from", "level-differs", "Các đơn vị phải cùng cấp.", "The units must be of one level.");
        if (act.Faults.Count > 0) return;

        List<UnitLink> predecessors = [.. givers.Select(g => new UnitLink(g.Unit.Id, act.On, g.Part))];
        var heir = target?.Id ?? Create(act, body.Into!, givers[0].Unit.Level, [.. givers.Select(g => g.Unit)], predecessors, "into");
        if (heir is not { } id) return;
        if (target is not null) act.Record(id, new UnitEnlarged(predecessors, act.On, act.Basis, "seen", act.Person, act.Now), "into");
        foreach (var (unit, part, ends, field) in givers)
        {
            IReadOnlyList<UnitLink> successors = [new(id, act.On, part)];
            act.Record(unit.Id, ends
                ? new UnitMerged(successors, act.Eve, act.Basis, "seen", act.Person, act.Now)
                : new UnitReduced(successors, act.On, act.Basis, "seen", act.Person, act.Now), field);
        }

        act.HandOver(body.Villages, [.. givers.Select(g => g.Unit.Id)], id, "villages");
        foreach (var (unit, _, _, field) in givers.Where(g => g.Ends)) act.HandOver(unit, id, field);
    }

    /// <summary>A new unit that comes after others, below the parent that the body names, else below theirs.</summary>
    public static Guid? Create(Act act, Target given, string level, IReadOnlyList<UnitState> after, IReadOnlyList<UnitLink> predecessors, string field)
    {
        Guid? parent = null;
        if (given.Parent is not null)
        {
            if (act.Find(given.Parent, act.On, $"{field}.parent") is not { } found) return null;
            parent = found.Id;
        }
        else if (level != "province" && act.HasDay)
        {
            var parents = after.Select(u => u.Versions.First(v => Act.IsInForce(v, act.Eve)).Parent).Distinct().ToList();
            if (parents is not [{ } common])
            {
                act.Fault($"{field}.parent", "required", "Các đơn vị giao có cấp trên khác nhau: cần nêu cấp trên.", "The units have different parents: name the new one's.");
                return null;
            }

            parent = common;
        }

        return act.Create(new(given.Code, given.Name, given.FullName, given.Kind), level, parent, predecessors, field);
    }

    /// <summary>The words for a part; the word for all of it has one way of writing.</summary>
    public static string? PartOf(Act act, string? given, string field) =>
        act.Text(given, $"{field}.part", Prose.Longest) is { } part ? part.Equals(Whole, StringComparison.OrdinalIgnoreCase) ? Whole : part : null;

    private static List<(UnitState Unit, string Part, bool Ends, string Field)> GiversOf(Act act, IReadOnlyList<Giver?>? given)
    {
        List<(UnitState Unit, string Part, bool Ends, string Field)> givers = [];
        if (given is null or { Count: 0 }) act.Fault("from", "required", "Thiếu các đơn vị giao.", "The units that give are missing.");
        else if (given.Count > MostUnits) act.Fault("from", "too-many", $"Nhiều nhất {MostUnits} mục.", $"At most {MostUnits} entries.");
        for (var i = 0; i < Math.Min(given?.Count ?? 0, MostUnits); i++)
        {
            var at = $"from[{i}]";
            var unit = act.Find(given![i]?.Unit, act.Eve, $"{at}.unit");
            var part = PartOf(act, given[i]?.Part, at);
            if (unit is null || part is null) continue;
            if (part == Whole && given[i]!.Ends == false) act.Fault($"{at}.ends", "whole-ends", "Đơn vị nhập toàn bộ thì kết thúc.", "A unit that goes over whole ends.");
            if (givers.Exists(g => g.Unit.Id == unit.Id)) act.Fault($"{at}.unit", "unit-twice", "Đơn vị ghi hai lần.", "The unit is named twice.", unit.Id);
            act.Changes(unit, at);
            givers.Add((unit, part, part == Whole || given[i]!.Ends == true, at));
        }

        return givers;
    }
}
