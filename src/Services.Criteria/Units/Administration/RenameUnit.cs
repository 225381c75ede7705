using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Administration;

/// <summary>A unit gets another name, code, kind or parent and stays itself.</summary>
internal static class RenameUnit
{
    public sealed record Body(string? Name, string? FullName, string? Code, string? Kind, DateOnly? On, string? LegalBasis);

    public sealed record MoveBody(string? Parent, DateOnly? On, string? LegalBasis);

    public static void Plan(Act act, Body body)
    {
        var unit = act.Unit!;
        act.Changes(unit, "", namesOnly: true);
        var last = act.HasDay && act.OnlyGoesOver(unit) ? unit.Versions.First(v => Act.IsInForce(v, act.On)) : unit.Versions[^1];
        var code = act.Text(body.Code, "code", 100, required: false) ?? last.Code;
        var name = act.Text(body.Name, "name", RegisterLaw.LongestName, required: false) ?? last.Name;
        var kind = act.Text(body.Kind, "kind", 100, required: false) ?? last.Kind;
        var fullName = act.Text(body.FullName, "fullName", RegisterLaw.LongestName, required: false)
            ?? (name == last.Name && kind == last.Kind ? last.FullName : UnitKinds.FullName(kind, name));
        if (code != last.Code) act.CodeOf(unit.Level, last.Parent, code, "code");
        if (act.Faults.Count > 0) return;
        if ((code, name, kind, fullName) == (last.Code, last.Name, last.Kind, last.FullName))
        {
            act.Fault("name", "nothing-to-change", "Không có gì thay đổi.", "Nothing would change.");
            return;
        }

        if (code != last.Code || kind == last.Kind) act.Record(unit.Id, new UnitRenamed(code, name, fullName, act.On, act.Basis, "seen", act.Person, act.Now), "");
        if (kind != last.Kind) act.Record(unit.Id, new UnitReclassified(name, fullName, kind, act.On, act.Basis, "seen", act.Person, act.Now), "");
    }

    public static void PlanMove(Act act, MoveBody body)
    {
        var unit = act.Unit!;
        act.Changes(unit, "");
        if (act.Find(body.Parent, act.On, "parent") is not { } parent) return;
        if (unit.Versions[^1].Parent == parent.Id) act.Fault("parent", "nothing-to-change", "Không có gì thay đổi.", "Nothing would change.");
        if (act.Faults.Count > 0) return;
        act.Needs(parent, act.On, unit.Level);
        act.Record(unit.Id, new UnitMoved(parent.Id, act.On, act.Basis, "seen", act.Person, act.Now), "");
    }
}
