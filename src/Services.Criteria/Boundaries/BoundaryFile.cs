using System.Globalization;
using System.Text.Json;
using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Valid;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Boundaries;

/// <summary>One feature of the file that speaks of a unit.</summary>
/// <param name="At">Its number in the file, from 0; -1 for what is drawn already.</param>
/// <param name="Position">Of what is drawn already, the place of its line in the stream.</param>
internal sealed record DrawnUnit(int At, Guid Unit, string Code, string Level, double[][][][] Polygons, Geometry Shape, long Position = 0);

/// <summary>
/// Reads a GeoJSON FeatureCollection (RFC 7946) of units. Every fault is told with its place, e.g. <c>features[3].geometry.coordinates[0][17]</c>;
/// of a ring the first one.
/// </summary>
internal sealed class BoundaryFile(Func<string, (Guid Unit, string Level)?> resolve)
{
    private const int MostFaults = 100;
    private const int MostFeatures = 20_000;
    private const string Where = "features";
    // The country with its islands; whoever draws beyond it has another order of axes or another system.
    private static readonly (double From, double To) Longitudes = (101, 118);
    private static readonly (double From, double To) Latitudes = (6, 24);
    private static readonly string[] Systems =
        ["urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "OGC:CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4326"];

    private readonly Faults faults = new();
    private int count;

    /// <summary>What can be read of the file; complete only where <see cref="Refuse"/> is null.</summary>
    public IReadOnlyList<DrawnUnit> Read(JsonElement collection)
    {
        if (collection.ValueKind != JsonValueKind.Object || TextOf(collection, "type") != "FeatureCollection")
            Fault("type", "Cần một FeatureCollection GeoJSON.", "A GeoJSON FeatureCollection is needed.");
        else if (collection.TryGetProperty("crs", out var crs) && crs.ValueKind != JsonValueKind.Null && !IsWgs84(crs))
            Fault("crs", "Toạ độ phải theo WGS 84 (CRS84).", "Coordinates are WGS 84 (CRS84).");
        if (collection.ValueKind != JsonValueKind.Object || !collection.TryGetProperty(Where, out var features) || features.ValueKind != JsonValueKind.Array || features.GetArrayLength() is 0 or > MostFeatures)
        {
            Fault(Where, $"Cần từ 1 đến {MostFeatures} đối tượng (feature).", $"1 to {MostFeatures} features are needed.");
            return [];
        }

        List<DrawnUnit> units = [];
        var seen = new Dictionary<Guid, int>();
        var at = 0;
        foreach (var feature in features.EnumerateArray())
        {
            var place = $"{Where}[{at}]";
            if (UnitOf(feature, place) is { } unit)
            {
                if (!seen.TryAdd(unit.Id, at)) Fault($"{place}.properties.code", $"Đơn vị này đã có ở features[{seen[unit.Id]}].", $"The unit is in features[{seen[unit.Id]}] already.");
                else if (PolygonsOf(feature, place) is { } polygons && ShapeOf(polygons, place) is { } shape) units.Add(new(at, unit.Id, unit.Code, unit.Level, polygons, shape));
            }
            else
            {
                // The lines are checked too, so that all faults are told at once.
                if (PolygonsOf(feature, place) is { } polygons) ShapeOf(polygons, place);
            }

            at++;
        }

        return units;
    }

    public void Fault(string place, string vi, string en)
    {
        if (++count <= MostFaults) faults.Unless(false, place, vi, en);
    }

    public Refusal? Refuse()
    {
        if (count > MostFaults)
        {
            var more = count - MostFaults;
            faults.Unless(false, Where, $"Còn {more} lỗi nữa.", $"{more} more faults.");
            count = MostFaults;
        }

        return faults.Refuse();
    }

    /// <summary>A text that the store can keep; null where there is none.</summary>
    public static string? TextOf(JsonElement parent, string name)
    {
        if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String) return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half a character: no text.
            return null;
        }
    }

    private (Guid Id, string Code, string Level)? UnitOf(JsonElement feature, string place)
    {
        if (TextOf(feature, "type") != "Feature")
        {
            Fault(place, "Cần một Feature GeoJSON.", "A GeoJSON Feature is needed.");
            return null;
        }

        if (!feature.TryGetProperty("properties", out var properties) || TextOf(properties, "code") is not { Length: > 0 } code)
        {
            Fault($"{place}.properties.code", "Thiếu mã đơn vị (chuỗi ký tự).", "The unit's code is missing (a text).");
            return null;
        }

        if (resolve(code) is { } unit) return (unit.Unit, code, unit.Level);
        Fault($"{place}.properties.code", "Vào ngày đó tỉnh không có đơn vị mang mã này.", "No unit of the province carries this code on the day.");
        return null;
    }

    private double[][][][]? PolygonsOf(JsonElement feature, string place)
    {
        place += ".geometry";
        var geometry = feature.ValueKind == JsonValueKind.Object && feature.TryGetProperty("geometry", out var given) ? given : default;
        var type = TextOf(geometry, "type");
        if (type is not ("Polygon" or "MultiPolygon"))
        {
            Fault(place, "Hình phải là Polygon hoặc MultiPolygon.", "The geometry is a Polygon or a MultiPolygon.");
            return null;
        }

        place += ".coordinates";
        if (!geometry.TryGetProperty("coordinates", out var coordinates) || coordinates.ValueKind != JsonValueKind.Array || coordinates.GetArrayLength() == 0)
        {
            Fault(place, "Thiếu toạ độ.", "The coordinates are missing.");
            return null;
        }

        if (type == "Polygon") return RingsOf(coordinates, place) is { } rings ? [rings] : null;
        return All(coordinates, place, RingsOf);
    }

    private double[][][]? RingsOf(JsonElement polygon, string place)
    {
        if (polygon.ValueKind == JsonValueKind.Array && polygon.GetArrayLength() > 0) return All(polygon, place, RingOf);
        Fault(place, "Đa giác cần ít nhất một vòng.", "A polygon has a ring at least.");
        return null;
    }

    private double[][]? RingOf(JsonElement ring, string place)
    {
        if (ring.ValueKind != JsonValueKind.Array || ring.GetArrayLength() < 4)
        {
            Fault(place, "Một vòng cần ít nhất bốn điểm.", "A ring has four positions at least.");
            return null;
        }

        var positions = new double[ring.GetArrayLength()][];
        var at = 0;
        foreach (var position in ring.EnumerateArray())
        {
            if (PositionOf(position, $"{place}[{at}]") is not { } read) return null;
            positions[at++] = read;
        }

        if (positions[0].SequenceEqual(positions[^1])) return positions;
        Fault(place, "Vòng phải khép kín: điểm cuối trùng điểm đầu.", "A ring is closed: its last position is its first.");
        return null;
    }

    private double[]? PositionOf(JsonElement position, string place)
    {
        if (position.ValueKind != JsonValueKind.Array || position.GetArrayLength() != 2 || NumberOf(position[0]) is not { } x || NumberOf(position[1]) is not { } y)
        {
            Fault(place, "Một điểm là hai số: kinh độ, vĩ độ.", "A position is two numbers: longitude, latitude.");
            return null;
        }

        if (Within(x, Longitudes) && Within(y, Latitudes)) return [x, y];
        if (Within(y, Longitudes) && Within(x, Latitudes)) Fault(place, "Kinh độ và vĩ độ bị đổi chỗ.", "Longitude and latitude are swapped.");
        else Fault(place, "Điểm nằm ngoài Việt Nam (kinh độ 101–118, vĩ độ 6–24).", "The position lies outside Vietnam (longitude 101–118, latitude 6–24).");
        return null;
    }

    private static double? NumberOf(JsonElement number) =>
        number.ValueKind == JsonValueKind.Number && number.TryGetDouble(out var value) && double.IsFinite(value) ? value : null;

    private static bool Within(double value, (double From, double To) range) => range.From <= value && value <= range.To;

    private static T[]? All<T>(JsonElement list, string place, Func<JsonElement, string, T?> read) where T : class
    {
        var all = new T?[list.GetArrayLength()];
        var at = 0;
        foreach (var item in list.EnumerateArray())
        {
            all[at] = read(item, $"{place}[{at}]");
            at++;
        }

        return Array.TrueForAll(all, item => item is not null) ? [.. all.OfType<T>()] : null;
    }

    private MultiPolygon? ShapeOf(double[][][][] polygons, string place)
    {
        var shape = Shapes.Of(polygons);
        if (new IsValidOp(shape).ValidationError is not { } error) return shape;
        var near = error.Coordinate is { } c ? string.Create(CultureInfo.InvariantCulture, $" ({c.X:0.######}, {c.Y:0.######})") : "";
        var (vi, en) = error.ErrorType switch
        {
            TopologyValidationErrors.HoleOutsideShell => ("Lỗ nằm ngoài đường bao", "A hole lies outside its shell"),
            TopologyValidationErrors.NestedHoles => ("Lỗ nằm trong lỗ", "A hole lies within a hole"),
            TopologyValidationErrors.NestedShells => ("Đa giác nằm trong đa giác", "A polygon lies within a polygon"),
            TopologyValidationErrors.DisconnectedInteriors => ("Phần trong bị cắt rời", "The interior is cut apart"),
            TopologyValidationErrors.DuplicateRings => ("Vòng bị lặp lại", "A ring is there twice"),
            TopologyValidationErrors.TooFewPoints => ("Vòng có quá ít điểm khác nhau", "A ring has too few different positions"),
            _ => ("Đường tự cắt", "A line crosses itself"),
        };
        Fault($"{place}.geometry", $"{vi}{near}.", $"{en}{near}.");
        return null;
    }

    private static bool IsWgs84(JsonElement crs) =>
        TextOf(crs, "type") == "name" && crs.TryGetProperty("properties", out var properties) && Systems.Contains(TextOf(properties, "name"));
}
