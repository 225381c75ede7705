using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units;

/// <summary>Units as they were called, and under whom they stood, on a day.</summary>
internal static class GetUnits
{
    private static readonly string[] Levels = ["province", "district", "commune"];

    public sealed record Item(
        Guid UnitId, string Code, string Name, string ShortName, string Level, string Kind, bool Urban, string? Parent, Guid? ParentId,
        string? Region, DateOnly? From, DateOnly? To, string? LegalBasis, string Mark);

    public sealed record Link(Guid UnitId, string Code, string Name, DateOnly On, string Part);

    public sealed record Whole(Item Unit, IReadOnlyList<UnitVersion> Versions, IReadOnlyList<Link> Predecessors, IReadOnlyList<Link> Successors);

    public static async Task<IResult> Handle(
        HttpContext http, UnitRegister register, TimeProvider clock, string? level, string? parent, string? on, string? after, int? limit, CancellationToken ct)
    {
        var faults = new Faults();
        var day = Days.Parse(on, "on", clock.Today(), faults);
        faults.Unless(level is null || Levels.Contains(level), "level", "Cấp là province, district hoặc commune.", "The level is province, district or commune.");
        var take = Paging.Limit(limit, faults);
        if (faults.Refuse(400) is { } refusal) return Problems.Of(refusal);

        var tree = await register.GetAsync(ct);
        Guid? above = null;
        if (parent is not null)
        {
            if (tree.Resolve(parent, day) is not { } found) return Problems.Of(Unknown(parent, day));
            above = found.Id;
        }

        var items = tree.Below(above, level, day).Select(u => ItemOf(tree, u.Unit, u.Version, day));
        return TypedResults.Ok(Paging.Page(http, items, i => i.Code, after, take));
    }

    public static async Task<IResult> HandleOne(string unit, UnitRegister register, TimeProvider clock, string? on, CancellationToken ct)
    {
        var faults = new Faults();
        var day = Days.Parse(on, "on", clock.Today(), faults);
        if (faults.Refuse(400) is { } refusal) return Problems.Of(refusal);
        var tree = await register.GetAsync(ct);
        if (tree.Resolve(unit, day) is not { } found) return Problems.Of(Unknown(unit, day));
        var state = tree.Find(found.Id)!;
        return TypedResults.Ok(new Whole(
            ItemOf(tree, state, tree.On(found.Id, day)!, day),
            state.Versions,
            [.. state.Predecessors.Select(l => LinkOf(tree, l, l.On.AddDays(-1)))],
            [.. state.Successors.Select(l => LinkOf(tree, l, l.On))]));
    }

    public static Refusal Unknown(string code, DateOnly day) => Refusal.NotFound(
        $"Không có đơn vị nào mang mã {code} vào ngày {day:yyyy-MM-dd}.", $"No unit carries the code {code} on {day:yyyy-MM-dd}.");

    private static Item ItemOf(UnitTree tree, UnitState unit, UnitVersion v, DateOnly day) => new(
        unit.Id, v.Code, v.FullName, v.Name, unit.Level, v.Kind, v.Kind is "phuong" or "thi_tran",
        v.Parent is { } parent ? tree.Ref(parent, day)?.Code : null, v.Parent, unit.Region, v.From, v.To, v.LegalBasis, v.Mark);

    private static Link LinkOf(UnitTree tree, UnitLink link, DateOnly day) =>
        tree.Ref(link.Unit, day) is { } u ? new(u.Id, u.Code, u.Name, link.On, link.Part) : new(link.Unit, "", "", link.On, link.Part);
}
