using Marten;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Boundaries;

/// <summary>The lines of units on a day, as GeoJSON.</summary>
internal sealed class GetBoundaries(IQuerySession session, PastUnits past, AsOf asOf)
{
    public const string GeoJson = "application/geo+json";

    /// <param name="Version">Version of the province's drawing.</param>
    /// <param name="ValidFrom">First day that the drawing speaks of.</param>
    public sealed record Properties(Guid UnitId, string Code, string Name, string Level, int Version, DateOnly ValidFrom, string Source, string? Licence);

    /// <param name="Type">Polygon or MultiPolygon.</param>
    public sealed record Shape(string Type, object Coordinates);

    public sealed record Feature(string Type, Shape Geometry, Properties Properties);

    /// <param name="Type">FeatureCollection.</param>
    public sealed record Collection(string Type, IReadOnlyList<Feature> Features, DateOnly On, long? AsOfPosition);

    public sealed record Item(
        Guid ProvinceId, string Province, int Version, DateOnly ValidFrom, string Source, string? Licence, decimal Tolerance, int Units, string Sha256, string By, DateTimeOffset At);

    public static Task<IResult> Handle(HttpContext http, string? parent, string? on, UnitRegister register, TimeProvider clock, GetBoundaries boundaries, CancellationToken ct) =>
        boundaries.OnDayAsync(http, parent, on, register, clock, ct);

    public static async Task<IResult> HandleVersions(HttpContext http, UnitRegister register, TimeProvider clock, IQuerySession session, string? after, int? limit, CancellationToken ct)
    {
        var faults = new Faults();
        var take = Paging.Limit(limit, faults);
        if (faults.Refuse(400) is { } refusal) return Problems.Of(refusal);
        var tree = await register.GetAsync(ct);
        var items = (await session.Query<ProvinceBoundaries>().ToListAsync(ct)).SelectMany(p => p.Drawings.Select(d => new Item(
            p.Province, tree.Ref(p.Province, clock.Today())?.Code ?? "", d.Version, d.ValidFrom, d.Source, d.Licence, d.Tolerance, d.Units.Count, d.Sha256, d.By, d.At)));
        return Exports.Answer(http, "boundaries", items.OrderBy(KeyOf, StringComparer.Ordinal), KeyOf, after, take);
    }

    /// <summary>What is drawn already, on the day, of the units in force that are not among those given.</summary>
    public async Task<IReadOnlyList<DrawnUnit>> NeighboursAsync(ProvinceBoundaries known, UnitTree tree, DateOnly day, HashSet<Guid> given, CancellationToken ct)
    {
        var wanted = known.On(day).Where(u => !given.Contains(u.Key) && tree.On(u.Key, day) is not null).ToDictionary(u => u.Key, u => u.Value.Position);
        return [.. (await LinesAsync(known.Id, wanted.Values, ct)).Select(l => new DrawnUnit(-1, l.Unit, tree.Ref(l.Unit, day)!.Code, tree.Find(l.Unit)!.Level, l.Polygons, Shapes.Of(l.Polygons), wanted[l.Unit]))];
    }

    private async Task<IResult> OnDayAsync(HttpContext http, string? parent, string? on, UnitRegister register, TimeProvider clock, CancellationToken ct)
    {
        var faults = new Faults();
        var day = Days.Parse(on, "on", AsOf.DayOf(TakesAsOf.Of(http)) ?? clock.Today(), faults);
        if (faults.Refuse(400) is { } malformed) return Problems.Of(malformed);
        var (position, refusal) = await asOf.ResolveAsync(TakesAsOf.Of(http), ct);
        if (refusal is not null) return Problems.Of(refusal);
        var tree = position is { } at ? await past.AtAsync(at, ct) : await register.GetAsync(ct);
        Guid? above = null;
        if (parent is not null)
        {
            if (tree.Resolve(parent, day) is not { } found) return Problems.Of(GetUnits.Unknown(parent, day));
            above = found.Id;
        }

        List<Feature> features = [];
        foreach (var province in await session.Query<ProvinceBoundaries>().ToListAsync(ct))
        {
            var version = position is { } past ? await asOf.VersionAtAsync(province.Id, past, ct) : (long?)null;
            var standing = province.On(day, version)
                .Where(u => tree.On(u.Key, day) is not null && (above is null || tree.Chain(u.Key, day).Any(unit => unit.Id == above))).ToDictionary(u => u.Key, u => u.Value);
            foreach (var line in await LinesAsync(province.Id, standing.Values.Select(s => s.Position), ct)) features.Add(FeatureOf(tree, day, standing[line.Unit].Drawing, line));
        }

        return TypedResults.Json(
            new Collection("FeatureCollection", [.. features.OrderBy(f => f.Properties.Code, StringComparer.Ordinal).ThenBy(f => f.Properties.UnitId)], day, position), contentType: GeoJson);
    }

    private async Task<IReadOnlyList<UnitBoundaryRecorded>> LinesAsync(string stream, IEnumerable<long> positions, CancellationToken ct)
    {
        long[] wanted = [.. positions];
        if (wanted.Length == 0) return [];
        var events = await session.Events.QueryAllRawEvents().Where(e => e.StreamKey == stream && wanted.Contains(e.Version)).ToListAsync(ct);
        return [.. events.Select(e => (UnitBoundaryRecorded)e.Data)];
    }

    private static Feature FeatureOf(UnitTree tree, DateOnly day, Drawing drawing, UnitBoundaryRecorded line)
    {
        var unit = tree.Ref(line.Unit, day)!;
        var shape = line.Polygons.Length == 1 ? new Shape("Polygon", line.Polygons[0]) : new Shape("MultiPolygon", line.Polygons);
        return new("Feature", shape, new(unit.Id, unit.Code, unit.Name, tree.Find(unit.Id)!.Level, drawing.Version, drawing.ValidFrom, drawing.Source, drawing.Licence));
    }

    private static string KeyOf(Item item) => $"{item.Province}|{item.ProvinceId}|{item.Version:D6}";
}
