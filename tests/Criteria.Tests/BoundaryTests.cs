using System.Text.Json;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Boundaries;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

public sealed class BoundaryTests
{
    private static readonly DateOnly Day = new(2025, 7, 1);
    private static readonly RecordBoundaries.About About = new("Bản đồ thử", "MIT", Day, RecordBoundaries.DefaultTolerance);

    [Fact]
    public void A_clean_file_is_read_and_recorded_once()
    {
        var (units, refusal) = Read(Collection(Feature("18073", Square(105.0)), Feature("18100", Square(105.1))));
        Assert.Null(refusal);
        Assert.Equal(["18073", "18100"], units.Select(u => u.Code));
        var events = RecordBoundaries.Decide(null, Guid.Empty, About, units, "phuong", Given.Imported);
        Assert.Equal(3, events.Count);
        var known = Fold(null, events);
        Assert.Equal((1, 3L), (Assert.Single(known.Drawings).Version, known.Version));
        Assert.Empty(RecordBoundaries.Decide(known, Guid.Empty, About, units, "quy", Given.Imported));
        // The order of features is no content.
        Assert.Empty(RecordBoundaries.Decide(known, Guid.Empty, About, [.. units.Reverse()], "quy", Given.Imported));
        Assert.NotEmpty(RecordBoundaries.Decide(known, Guid.Empty, About with { Source = "Bản khác" }, units, "quy", Given.Imported));
        Assert.NotEmpty(RecordBoundaries.Decide(known, Guid.Empty, About with { ValidFrom = Day.AddDays(1) }, units, "quy", Given.Imported));
    }

    [Fact]
    public void Of_the_drawings_of_a_unit_the_latest_by_the_day_counts()
    {
        var (units, _) = Read(Collection(Feature("18073", Square(105.0)), Feature("18100", Square(105.1))));
        var known = Fold(null, RecordBoundaries.Decide(null, Guid.Empty, About, units, "phuong", Given.Imported));
        known = Fold(known, RecordBoundaries.Decide(known, Guid.Empty, About with { ValidFrom = Day.AddDays(100) }, [units[0]], "phuong", Given.Imported));
        Assert.Empty(known.On(Day.AddDays(-1)));
        Assert.All(known.On(Day).Values, d => Assert.Equal(1, d.Drawing.Version));
        var later = known.On(Day.AddDays(100));
        Assert.Equal((2, 5L), (later[units[0].Unit].Drawing.Version, later[units[0].Unit].Position));
        Assert.Equal(1, later[units[1].Unit].Drawing.Version);
        Assert.All(known.On(Day.AddDays(100), version: 4).Values, d => Assert.Equal(1, d.Drawing.Version));
    }

    [Theory]
    [InlineData("""[[[105,18],[105.1,18],[105.1,18.1],[105,18.1]]]""", "features[0].geometry.coordinates[0]")]
    [InlineData("""[[[105,18],[105.1,18],[105,18]]]""", "features[0].geometry.coordinates[0]")]
    [InlineData("""[[[105,18],[105.1,18.1],[105.1,18],[105,18.1],[105,18]]]""", "features[0].geometry")]
    [InlineData("""[[[105,18],[105.1,18],[105.1,18.1],[105,18.1],[105,18]],[[106,18],[106.1,18],[106.1,18.1],[106,18]]]""", "features[0].geometry")]
    [InlineData("""[[[18,105],[18,105.1],[18.1,105.1],[18,105]]]""", "features[0].geometry.coordinates[0][0]")]
    [InlineData("""[[[105,18],[205.1,18],[105.1,18.1],[105,18]]]""", "features[0].geometry.coordinates[0][1]")]
    [InlineData("""[[[105,18],[1e999,18],[105.1,18.1],[105,18]]]""", "features[0].geometry.coordinates[0][1]")]
    [InlineData("""[[[105,18,3],[105.1,18,3],[105.1,18.1,3],[105,18,3]]]""", "features[0].geometry.coordinates[0][0]")]
    [InlineData("""[[[105,18],["105.1",18],[105.1,18.1],[105,18]]]""", "features[0].geometry.coordinates[0][1]")]
    [InlineData("""[[[105,18],null,[105.1,18.1],[105,18]]]""", "features[0].geometry.coordinates[0][1]")]
    [InlineData("""[[]]""", "features[0].geometry.coordinates[0]")]
    [InlineData("""[]""", "features[0].geometry.coordinates")]
    [InlineData("""[7]""", "features[0].geometry.coordinates[0]")]
    public void A_fault_of_a_line_is_told_with_its_place(string coordinates, string place) => Faults(Collection(Feature("18073", coordinates)), place);

    [Theory]
    [InlineData("""{"type":"Point","coordinates":[105,18]}""", "features[0].geometry")]
    [InlineData("null", "features[0].geometry")]
    [InlineData("""{"type":"MultiPolygon","coordinates":[[[[105,18],[105.1,18],[105.1,18.1],[105,18]]],[[[105,18]]]]}""", "features[0].geometry.coordinates[1][0]")]
    [InlineData("""{"type":"MultiPolygon","coordinates":[[[[105,18],[105.2,18],[105.2,18.2],[105,18]]],[[[105,18],[105.1,18],[105.1,18.1],[105,18]]]]}""", "features[0].geometry")]
    public void Only_polygons_are_boundaries(string geometry, string place) =>
        Faults($$"""{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"18073"},"geometry":{{geometry}}}]}""", place);

    [Theory]
    [InlineData("""{"code":"99999"}""")]
    [InlineData("""{"code":"42"}""")]
    [InlineData("""{"code":18073}""")]
    [InlineData("""{"code":"\ud800"}""")]
    [InlineData("""{"code":"\u0000"}""")]
    [InlineData("""{"code":""}""")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    public void A_feature_names_a_unit_of_the_day(string properties) => Faults(
        Collection($$$"""{"type":"Feature","properties":{{{properties}}},"geometry":{"type":"Polygon","coordinates":{{{Square(105)}}}}}"""), "features[0].properties.code");

    [Fact]
    public void A_unit_has_one_feature() => Faults(Collection(Feature("18073", Square(105.0)), Feature("18073", Square(105.2))), "features[1].properties.code");

    [Theory]
    [InlineData("7", "type", "features")]
    [InlineData("null", "type", "features")]
    [InlineData("{}", "type", "features")]
    [InlineData("""{"type":"FeatureCollection","features":[]}""", "features")]
    [InlineData("""{"type":"FeatureCollection","features":[null]}""", "features[0]", "features[0].geometry")]
    public void Only_a_collection_of_features_is_read(string json, params string[] places) => Faults(json, places);

    [Theory]
    [InlineData("""{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}""", true)]
    [InlineData("""{"type":"name","properties":{"name":"EPSG:4326"}}""", true)]
    [InlineData("null", true)]
    [InlineData("""{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3405"}}""", false)]
    [InlineData("""{"type":"link","properties":{"href":"x"}}""", false)]
    [InlineData("\"EPSG:4326\"", false)]
    public void Another_system_of_coordinates_is_refused(string crs, bool taken)
    {
        var json = $$"""{"type":"FeatureCollection","crs":{{crs}},"features":[{{Feature("18073", Square(105))}}]}""";
        if (taken) Assert.Null(Read(json).Refusal);
        else Faults(json, "crs");
    }

    [Fact]
    public void All_faults_are_told_at_once_and_not_without_end()
    {
        Faults(Collection(Feature("99999", "[]"), Feature("18073", "[[]]")), "features[0].properties.code", "features[0].geometry.coordinates", "features[1].geometry.coordinates[0]");
        var many = Read(Collection([.. Enumerable.Range(0, 300).Select(n => Feature("99999", Square(105)))])).Refusal!;
        Assert.Equal(101, many.Errors!.Count);
        Assert.Equal("200 more faults.", many.Errors["features"][0].En);
    }

    [Fact]
    public void Neighbours_do_not_overlap_beyond_the_tolerance()
    {
        var file = FileOf();
        var drawn = file.Read(JsonSerializer.Deserialize<JsonElement>(Collection(Feature("18073", Square(105.0)), Feature("18100", Square(105.09)), Feature("18115", Square(105.1899)))));
        var overlaps = new Overlaps(file, 0.01m);
        overlaps.Check(drawn, [], Day);
        Assert.InRange(overlaps.Largest, 0.0999, 0.1001);
        Assert.Equal(["features[1].geometry"], file.Refuse()!.Errors!.Keys);
        Assert.Contains("18073", file.Refuse()!.Errors!["features[1].geometry"][0].En, StringComparison.Ordinal);

        var other = FileOf();
        var neighbours = new Overlaps(other, 0.01m);
        neighbours.Check([drawn[1]], [drawn[0] with { At = -1 }], Day);
        Assert.True(neighbours.Largest > 0.09);
        Assert.Equal(["features[1].geometry"], other.Refuse()!.Errors!.Keys);
        var allowed = FileOf();
        new Overlaps(allowed, 0.2m).Check(drawn, [], Day);
        Assert.Null(allowed.Refuse());
    }

    [Fact]
    public void A_pair_of_lines_is_told_once_on_the_first_day_on_which_both_stand()
    {
        var file = FileOf();
        var drawn = file.Read(JsonSerializer.Deserialize<JsonElement>(Collection(Feature("18073", Square(105.0)))));
        var (neighbour, _) = Read(Collection(Feature("18100", Square(105.05))));
        var overlaps = new Overlaps(file, 0.01m);
        overlaps.Check(drawn, [], Day);
        overlaps.Check(drawn, [neighbour[0] with { At = -1, Position = 2 }], Day.AddDays(100));
        overlaps.Check(drawn, [neighbour[0] with { At = -1, Position = 2 }], Day.AddDays(200));
        var fault = Assert.Single(file.Refuse()!.Errors!["features[0].geometry"]);
        Assert.StartsWith($"Overlaps unit 18100 from {Day.AddDays(100):yyyy-MM-dd} on", fault.En, StringComparison.Ordinal);
    }

    [Fact]
    public void A_drawing_is_compared_on_each_later_day_with_other_neighbours_for_as_long_as_it_counts()
    {
        var (units, _) = Read(Collection(Feature("18073", Square(105.0)), Feature("18100", Square(105.1))));
        var known = Fold(null, RecordBoundaries.Decide(null, Guid.Empty, About with { ValidFrom = Day.AddDays(-9) }, [units[1]], "phuong", Given.Imported));
        known = Fold(known, RecordBoundaries.Decide(known, Guid.Empty, About with { ValidFrom = Day.AddDays(100) }, [units[0]], "phuong", Given.Imported));
        Assert.Equal([Day, Day.AddDays(100)], RecordBoundaries.DaysOf(known, Given.Tree, units, Day));
        Assert.Equal(["18073", "18100"], RecordBoundaries.StandingOn(known, Given.Tree, units, Day, Day).Select(d => d.Code));
        // By then the one is drawn anew.
        Assert.Equal(["18100"], RecordBoundaries.StandingOn(known, Given.Tree, units, Day, Day.AddDays(100)).Select(d => d.Code));
    }

    [Fact]
    public void A_drawing_of_units_that_end_is_compared_on_the_day_after_and_counts_no_more()
    {
        var day = new DateOnly(2025, 6, 1);
        var drawn = FileOf(day).Read(JsonSerializer.Deserialize<JsonElement>(Collection(Feature("436", Square(105.0)), Feature("18073", Square(105.0)))));
        Assert.Contains(Day, RecordBoundaries.DaysOf(null, Given.Tree, drawn, day));
        Assert.DoesNotContain("436", RecordBoundaries.StandingOn(null, Given.Tree, drawn, day, Day).Select(d => d.Code));
    }

    [Fact]
    public void A_district_may_lie_on_its_communes()
    {
        var file = FileOf(new(2025, 6, 30));
        var drawn = file.Read(JsonSerializer.Deserialize<JsonElement>(Collection(Feature("436", Square(105.0)), Feature("18073", Square(105.0)))));
        new Overlaps(file, 0m).Check(drawn, [], Day);
        Assert.Null(file.Refuse());
    }

    /// <summary>One degree by one degree at the equator's end of the country, by the series for the ellipsoid's zones.</summary>
    [Theory]
    [InlineData(8, 12_196.2)]
    [InlineData(18, 11_706.4)]
    [InlineData(23, 11_321.4)]
    public void Areas_are_those_of_the_ellipsoid(double latitude, double squareKilometres)
    {
        double[][][][] square = [[[[105, latitude], [106, latitude], [106, latitude + 1], [105, latitude + 1], [105, latitude]]]];
        var (radius, e2, middle) = (6_378_137.0, 6.69437999014e-3, (latitude + 0.5) * double.Pi / 180);
        var w2 = 1 - (e2 * Math.Sin(middle) * Math.Sin(middle));
        // Meridian and parallel at the middle, and the zone's own curvature.
        var expected = radius * (1 - e2) / Math.Pow(w2, 1.5) * radius / Math.Sqrt(w2) * Math.Cos(middle) * Math.Pow(double.Pi / 180, 2);
        Assert.Equal(1, Shapes.Area(Shapes.Of(square)) / expected, 4);
        Assert.Equal(1, squareKilometres * 1e6 / expected, 1);
    }

    [Fact]
    public void An_area_that_differs_from_the_stated_one_is_worth_a_look()
    {
        var (units, _) = Read(Collection(Feature("18073", Square(105.0)), Feature("18100", Square(105.1)), Feature("18115", Square(105.2))));
        var drawn = (decimal)(Shapes.Area(units[0].Shape) / 1e6);
        var tree = new UnitTree(Given.Tree.All.Select(u => u.Id == units[0].Unit ? Stated(u, drawn * 0.9m) : u.Id == units[1].Unit ? Stated(u, drawn * 1.04m) : u with { Facts = null }));
        var notice = Assert.Single(RecordBoundaries.NoticesOf(tree, units, Day));
        Assert.Equal(("18073", 11.1m), (notice.Code, notice.Percent));

        static UnitState Stated(UnitState unit, decimal area) =>
            unit with { Facts = [new(UnitFacts.AreaKm2, area.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture), null, null, null, "seen")] };
    }

    private static BoundaryFile FileOf(DateOnly? day = null) =>
        new(code => Given.Tree.Resolve(code, day ?? Day) is { Code: not "42" } unit ? (unit.Id, Given.Tree.Find(unit.Id)!.Level) : null);

    private static (IReadOnlyList<DrawnUnit> Units, Refusal? Refusal) Read(string json)
    {
        var file = FileOf();
        var units = file.Read(JsonSerializer.Deserialize<JsonElement>(json));
        return (units, file.Refuse());
    }

    private static void Faults(string json, params string[] places)
    {
        var refusal = Read(json).Refusal;
        Assert.Equal((422, "invalid-input"), (refusal?.Status, refusal?.Rule));
        Assert.Equal(places, refusal!.Errors!.Keys);
    }

    private static ProvinceBoundaries Fold(ProvinceBoundaries? known, IReadOnlyList<object> events) =>
        events.Aggregate(known, (all, e) => ProvinceBoundaries.Fold(all, ProvinceBoundaries.Key(Guid.Empty), e))!;

    private static string Collection(params string[] features) => $$"""{"type":"FeatureCollection","features":[{{string.Join(',', features)}}]}""";

    private static string Feature(string code, string coordinates) =>
        $$$"""{"type":"Feature","properties":{"code":"{{{code}}}"},"geometry":{"type":"Polygon","coordinates":{{{coordinates}}}}}""";

    private static string Square(double x) => FormattableString.Invariant($"[[[{x},18],[{x + 0.1},18],[{x + 0.1},18.1],[{x},18.1],[{x},18]]]");
}
