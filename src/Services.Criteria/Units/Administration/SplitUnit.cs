using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Administration;

/// <summary>A unit is divided among others, new or in force, and ends or stays; or it is dissolved, and others answer for it.</summary>
internal static class SplitUnit
{
    /// <param name="Unit">Code of a unit that takes the part in and stays itself; without it a new unit is made.</param>
    /// <param name="Part">What of the divided unit goes over: the words of the act.</param>
    /// <param name="Villages">Codes of the villages that go over.</param>
    public sealed record Heir(string? Unit, string? Code, string? Name, string? FullName, string? Kind, string? Parent, string? Part, IReadOnlyList<string?>? Villages);

    /// <param name="Ends">Whether the divided unit ends the day before.</param>
    public sealed record Body(IReadOnlyList<Heir?>? Into, bool? Ends, DateOnly? On, string? LegalBasis);

    public sealed record Successor(string? Unit, string? Part, IReadOnlyList<string?>? Villages);

    /// <param name="CommunesTo"><c>province</c>: a district's communes lie directly below its province from the day on.</param>
    public sealed record DissolveBody(IReadOnlyList<Successor?>? Successors, DateOnly? On, string? LegalBasis, string? CommunesTo = null);

    public static void Plan(Act act, Body body)
    {
        if (body.Into is null or { Count: 0 }) act.Fault("into", "required", "Thiếu các đơn vị nhận.", "The units that receive are missing.");
        if (body.Ends is null) act.Fault("ends", "required", "Cần nêu đơn vị có kết thúc không (true, false).", "Say whether the unit ends (true, false).");
        Divide(act, body.Into, "into", body.Ends ?? true, links => body.Ends == true
            ? new UnitSplit(links, act.Eve, act.Basis, "seen", act.Person, act.Now)
            : new UnitReduced(links, act.On, act.Basis, "seen", act.Person, act.Now));
    }

    public static void PlanDissolve(Act act, DissolveBody body)
    {
        for (var i = 0; i < (body.Successors?.Count ?? 0); i++)
        {
            if (string.IsNullOrWhiteSpace(body.Successors![i]?.Unit)) act.Fault($"successors[{i}].unit", "required", "Thiếu mã đơn vị kế tiếp.", "The successor's code is missing.");
        }

        if (body.CommunesTo is not null) HandUp(act, body.CommunesTo);
        Divide(
            act, body.Successors?.Select(s => s is null ? null : new Heir(s.Unit, null, null, null, null, null, s.Part, s.Villages)).ToList(), "successors", ends: true,
            links => new UnitDissolved(links, act.Eve, act.Basis, "seen", act.Person, act.Now));
    }

    private static void HandUp(Act act, string to)
    {
        if (to != "province") act.Fault("communesTo", "communes-to", "communesTo là province.", "communesTo is province.");
        else if (act.Unit!.Level != "district") act.Fault("communesTo", "communes-to", "Chỉ huyện giao xã cho tỉnh.", "Only a district hands its communes to the province.");
        else if (act.HasDay) act.HandUp(act.Unit, "communesTo");
    }

    private static void Divide(Act act, IReadOnlyList<Heir?>? given, string field, bool ends, Func<IReadOnlyList<UnitLink>, object> record)
    {
        var unit = act.Unit!;
        act.Changes(unit, "");
        if (given?.Count > MergeUnits.MostUnits) act.Fault(field, "too-many", $"Nhiều nhất {MergeUnits.MostUnits} mục.", $"At most {MergeUnits.MostUnits} entries.");
        List<(Guid Unit, string Part, string Field, Heir Heir)> heirs = [];
        for (var i = 0; i < Math.Min(given?.Count ?? 0, MergeUnits.MostUnits); i++)
        {
            var (at, heir) = ($"{field}[{i}]", given![i]);
            var part = MergeUnits.PartOf(act, heir?.Part, at);
            if (part == MergeUnits.Whole && !ends) act.Fault($"{at}.part", "whole-ends", "Đơn vị giao toàn bộ thì kết thúc.", "A unit that goes over whole ends.");
            if (part == MergeUnits.Whole && given.Count > 1) act.Fault($"{at}.part", "whole-divided", "Toàn bộ thì chỉ có một đơn vị nhận.", "The whole goes to one unit only.");
            if (heir is null || part is null || HeirOf(act, unit, heir, part, at) is not { } id) continue;
            if (heirs.Exists(h => h.Unit == id)) act.Fault($"{at}.unit", "unit-twice", "Đơn vị ghi hai lần.", "The unit is named twice.", id);
            heirs.Add((id, part, at, heir));
        }

        if (act.Faults.Count > 0) return;
        act.Record(unit.Id, record([.. heirs.Select(h => new UnitLink(h.Unit, act.On, h.Part))]), "");
        foreach (var heir in heirs) act.HandOver(heir.Heir.Villages, [unit.Id], heir.Unit, $"{heir.Field}.villages");
        if (ends) act.HandOver(unit, heirs is [var only] ? only.Unit : null, "");
    }

    private static Guid? HeirOf(Act act, UnitState unit, Heir heir, string part, string at)
    {
        IReadOnlyList<UnitLink> predecessors = [new(unit.Id, act.On, part)];
        if (heir.Unit is null)
            return MergeUnits.Create(act, new(null, heir.Code, heir.Name, heir.FullName, heir.Kind, heir.Parent), unit.Level, [unit], predecessors, at);
        if (act.Find(heir.Unit, act.On, $"{at}.unit") is not { } found) return null;
        if (found.Id == unit.Id) act.Fault($"{at}.unit", "link-to-itself", "Đơn vị không thể sáp nhập vào chính nó.", "A unit cannot merge into itself.", unit.Id);
        act.Changes(found, at);
        if (found.Level != unit.Level) act.Fault($"{at}.unit", "level-differs", "Các đơn vị phải cùng cấp.", "The units must be of one level.", found.Id);
        act.Record(found.Id, new UnitEnlarged(predecessors, act.On, act.Basis, "seen", act.Person, act.Now), at);
        return found.Id;
    }
}
