using System.Globalization;
using Marten;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units;

/// <summary>Units as they were called, and under whom they stood, on a day.</summary>
internal sealed class GetUnits(UnitRegister register, PastUnits past, AsOf asOf, TimeProvider clock)
{
    private static readonly string[] Levels = ["province", "district", "commune", "village"];

    /// <param name="Urban">By kind: phường, thị trấn.</param>
    /// <param name="Mountainous">Null where nobody knows, which is not "no".</param>
    /// <param name="Facts">What the unit is on the day, each with its mark, basis and days.</param>
    public sealed record Item(
        Guid UnitId, string Code, string Name, string ShortName, string Level, string Kind, bool Urban, string? Parent, Guid? ParentId,
        string? Region, int? CommuneGroup, bool? Mountainous, bool? Coastal, IReadOnlyList<UnitFact> Facts,
        DateOnly? From, DateOnly? To, string? LegalBasis, string Mark);

    /// <summary>A page of units; <paramref name="Next"/> is the address of the next page, null at the end.</summary>
    /// <param name="AsOfPosition">Store position of an answer to <c>asOf</c>.</param>
    public sealed record List(IReadOnlyList<Item> Items, string? Next, long? AsOfPosition);

    public sealed record Link(Guid UnitId, string Code, string Name, DateOnly On, string Part);

    public sealed record Whole(Item Unit, IReadOnlyList<UnitVersion> Versions, IReadOnlyList<Link> Predecessors, IReadOnlyList<Link> Successors, long? AsOfPosition);

    public static Task<IResult> Handle(HttpContext http, GetUnits units, string? level, string? parent, string? on, string? after, int? limit, CancellationToken ct) =>
        units.ListAsync(http, level, parent, on, after, limit, ct);

    public static Task<IResult> HandleOne(HttpContext http, GetUnits units, string unit, string? on, CancellationToken ct) =>
        units.OneAsync(http, on, (tree, day) => tree.Resolve(unit, day)?.Id, day => Unknown(unit, day), ct);

    public static Task<IResult> HandleById(HttpContext http, GetUnits units, Guid unitId, string? on, CancellationToken ct) =>
        units.OneAsync(http, on, (_, _) => unitId, _ => UnknownId, ct);

    public static Refusal Unknown(string code, DateOnly day) => Refusal.NotFound(
        $"Không có đơn vị nào mang mã {code} vào ngày {day:yyyy-MM-dd}.", $"No unit carries the code {code} on {day:yyyy-MM-dd}.");

    public static Refusal UnknownId { get; } = Refusal.NotFound("Không có đơn vị này.", "There is no such unit.");

    /// <summary>The register as it is known now, or was at the instant of <c>asOf</c>, and the day that is asked about.</summary>
    public async Task<(UnitTree? Tree, DateOnly Day, long? Position, Refusal? Refusal)> LookAsync(HttpContext http, string? on, Faults faults, CancellationToken ct)
    {
        var instant = TakesAsOf.Of(http);
        var day = Days.Parse(on, "on", AsOf.DayOf(instant) ?? clock.Today(), faults);
        if (faults.Refuse(400) is { } malformed) return (null, day, null, malformed);
        var (position, refusal) = await asOf.ResolveAsync(instant, ct);
        if (refusal is not null) return (null, day, null, refusal);
        return (position is { } at ? await past.AtAsync(at, ct) : await register.GetAsync(ct), day, position, null);
    }

    private async Task<IResult> ListAsync(HttpContext http, string? level, string? parent, string? on, string? after, int? limit, CancellationToken ct)
    {
        var faults = new Faults().Unless(
            level is null || Levels.Contains(level), "level", "Cấp là province, district, commune hoặc village.", "The level is province, district, commune or village.");
        var take = Paging.Limit(limit, faults);
        var (tree, day, position, refusal) = await LookAsync(http, on, faults, ct);
        if (tree is null) return Problems.Of(refusal!);
        Guid? above = null;
        if (parent is not null)
        {
            if (tree.Resolve(parent, day) is not { } found) return Problems.Of(Unknown(parent, day));
            above = found.Id;
        }

        var (format, unknown) = Exports.Asked(http);
        if (unknown is not null) return Problems.Of(unknown);
        if (format is not null) return Exports.Of(http, "units", format, tree.Below(above, level, day).Select(u => ItemOf(tree, u.Unit, u.Version, day)).ToAsyncEnumerable(), position);

        var page = Paging.Page(http, tree.Below(above, level, day), u => u.Version.Code, after, take);
        return TypedResults.Ok(new List([.. page.Items.Select(u => ItemOf(tree, u.Unit, u.Version, day))], page.Next, position));
    }

    private async Task<IResult> OneAsync(HttpContext http, string? on, Func<UnitTree, DateOnly, Guid?> find, Func<DateOnly, Refusal> unknown, CancellationToken ct)
    {
        var (tree, day, position, refusal) = await LookAsync(http, on, new(), ct);
        if (tree is null) return Problems.Of(refusal!);
        if (find(tree, day) is not { } id || tree.Find(id) is not { } unit) return Problems.Of(unknown(day));
        return TypedResults.Ok(new Whole(
            ItemOf(tree, unit, tree.On(id, day) ?? Nearest(unit, day), day),
            unit.Versions,
            [.. unit.Predecessors.Select(l => LinkOf(tree, l, DayBefore(l.On)))],
            [.. unit.Successors.Select(l => LinkOf(tree, l, l.On))],
            position));
    }

    /// <summary>What a unit that did not exist on the day was last, or will be first.</summary>
    public static UnitVersion Nearest(UnitState unit, DateOnly day) => unit.Versions.LastOrDefault(v => (v.From ?? DateOnly.MinValue) <= day) ?? unit.Versions[0];

    public static DateOnly DayBefore(DateOnly day) => day == DateOnly.MinValue ? day : day.AddDays(-1);

    private static Item ItemOf(UnitTree tree, UnitState unit, UnitVersion v, DateOnly day)
    {
        UnitFact[] facts = [.. UnitFacts.All.Select(name => tree.Fact(unit.Id, name, day)).OfType<UnitFact>()];
        string? Value(string name) => Array.Find(facts, f => f.Name == name)?.Value;
        bool? Says(string name) => bool.TryParse(Value(name), out var yes) ? yes : null;
        return new(
            unit.Id, v.Code, v.FullName, v.Name, unit.Level, v.Kind, v.Kind is "phuong" or "thi_tran",
            v.Parent is { } parent ? tree.Ref(parent, day)?.Code : null, v.Parent,
            Value(UnitFacts.Region), int.TryParse(Value(UnitFacts.CommuneGroup), NumberStyles.None, CultureInfo.InvariantCulture, out var group) ? group : null,
            Says(UnitFacts.Mountainous), Says(UnitFacts.Coastal), facts, v.From, v.To, v.LegalBasis, v.Mark);
    }

    private static Link LinkOf(UnitTree tree, UnitLink link, DateOnly day) =>
        tree.Ref(link.Unit, day) is { } u ? new(u.Id, u.Code, u.Name, link.On, link.Part) : new(link.Unit, "", "", link.On, link.Part);
}
