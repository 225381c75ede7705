using JasperFx.Events;
using Marten.Events.Aggregation;

namespace Ntm.Criteria.Boundaries;

// Event names are the storage format: upcast, never edit.

/// <summary>A province's drawing of its units was taken in. Right after it in the stream stands one <see cref="UnitBoundaryRecorded"/> for each unit, in the order of <see cref="Units"/>.</summary>
/// <param name="Version">1, 2, … within the province.</param>
/// <param name="ValidFrom">First day that the drawing speaks of.</param>
/// <param name="Tolerance">Greatest overlap of two neighbours that was let pass, as a share of the smaller one's area.</param>
/// <param name="Sha256">Of day, source, licence and all lines: the same content is taken in once.</param>
public sealed record BoundariesRecorded(
    Guid Province, int Version, DateOnly ValidFrom, string Source, string? Licence, decimal Tolerance, IReadOnlyList<Guid> Units, string Sha256, string By, DateTimeOffset At);

/// <summary>The line of one unit: polygons, in each the outer ring and its holes, WGS 84, longitude before latitude.</summary>
public sealed record UnitBoundaryRecorded(int Version, Guid Unit, string Code, double[][][][] Polygons);

/// <summary>One drawing.</summary>
/// <param name="Position">Version of the stream at its head; the line of the n-th unit stands n + 1 further.</param>
public sealed record Drawing(
    int Version, DateOnly ValidFrom, string Source, string? Licence, decimal Tolerance, IReadOnlyList<Guid> Units, string Sha256, string By, DateTimeOffset At, long Position);

/// <summary>All drawings of a province, without their lines.</summary>
public sealed record ProvinceBoundaries(string Id, Guid Province, IReadOnlyList<Drawing> Drawings, long Version)
{
    public static string Key(Guid province) => $"boundaries/{province}";

    public static ProvinceBoundaries? Fold(ProvinceBoundaries? known, string id, object e) => e switch
    {
        BoundariesRecorded r => new(
            id, r.Province,
            [.. known?.Drawings ?? [], new(r.Version, r.ValidFrom, r.Source, r.Licence, r.Tolerance, r.Units, r.Sha256, r.By, r.At, (known?.Version ?? 0) + 1)],
            (known?.Version ?? 0) + 1),
        UnitBoundaryRecorded => known! with { Version = known.Version + 1 },
        _ => known,
    };

    /// <summary>For each unit the drawing that counts on the day: of those from that day or before the latest, and of several from one day the one recorded last.</summary>
    /// <param name="version">Only what the stream held at that version; null for all.</param>
    public IReadOnlyDictionary<Guid, (Drawing Drawing, long Position)> On(DateOnly day, long? version = null)
    {
        var standing = new Dictionary<Guid, (Drawing, long)>();
        foreach (var drawing in Drawings.Where(d => d.ValidFrom <= day && (version is null || d.Position + d.Units.Count <= version)).OrderBy(d => d.ValidFrom).ThenBy(d => d.Version))
        {
            for (var n = 0; n < drawing.Units.Count; n++) standing[drawing.Units[n]] = (drawing, drawing.Position + n + 1);
        }

        return standing;
    }
}

public sealed partial class ProvinceBoundariesProjection : SingleStreamProjection<ProvinceBoundaries, string>
{
    public ProvinceBoundariesProjection()
    {
        IncludeType<BoundariesRecorded>();
        IncludeType<UnitBoundaryRecorded>();
    }

    public override ProvinceBoundaries? Evolve(ProvinceBoundaries? snapshot, string id, IEvent e) => ProvinceBoundaries.Fold(snapshot, id, e.Data);
}
