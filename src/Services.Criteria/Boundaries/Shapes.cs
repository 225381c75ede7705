using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.OverlayNG;

namespace Ntm.Criteria.Boundaries;

/// <summary>Lines as geometry, and areas on the ellipsoid.</summary>
internal static class Shapes
{
    // WGS 84: half axis in metres, square of the first eccentricity.
    private const double Axis = 6_378_137.0;
    private const double Eccentricity2 = 6.694_379_990_141e-3;
    private static readonly GeometryFactory Factory = new(new PrecisionModel(), 4326);

    /// <summary>Rings that are closed and of four points at least.</summary>
    public static MultiPolygon Of(double[][][][] polygons) => Factory.CreateMultiPolygon(
        [.. polygons.Select(rings => Factory.CreatePolygon(RingOf(rings[0]), [.. rings.Skip(1).Select(RingOf)]))]);

    /// <summary>Area in m².</summary>
    public static double Area(Geometry geometry) => geometry switch
    {
        Polygon p => Area(p.ExteriorRing) - p.InteriorRings.Sum(Area),
        GeometryCollection all => all.Geometries.Sum(Area),
        _ => 0,
    };

    /// <summary>Area that both cover, in m².</summary>
    public static double Overlap(Geometry one, Geometry other) => Area(OverlayNGRobust.Overlay(one, other, NetTopologySuite.Operation.Overlay.SpatialFunction.Intersection));

    private static LinearRing RingOf(double[][] positions) => Factory.CreateLinearRing([.. positions.Select(p => new Coordinate(p[0], p[1]))]);

    /// <summary>The ring in Lambert's cylindrical equal-area projection, where areas are what they are on the ellipsoid.</summary>
    private static double Area(LineString ring)
    {
        var (sum, points) = (0.0, ring.Coordinates);
        for (var n = 1; n < points.Length; n++)
            sum += (points[n].X - points[n - 1].X) * (North(points[n].Y) + North(points[n - 1].Y)) / 2;
        return Math.Abs(sum) * double.Pi / 180 * Axis;
    }

    private static double North(double latitude)
    {
        var (e, sin) = (Math.Sqrt(Eccentricity2), Math.Sin(latitude * double.Pi / 180));
        return Axis / 2 * (1 - Eccentricity2) * ((sin / (1 - (Eccentricity2 * sin * sin))) + (Math.Atanh(e * sin) / e));
    }
}
