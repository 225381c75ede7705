using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Catalogue;

public sealed class SetDifferenceTests
{
    private static readonly CriteriaSet[] Sets = [.. Given.Published.Select(p => p.Set), SetJson.Set];

    [Fact]
    public void A_changed_figure_shows_before_and_after()
    {
        var to = Edited(SetJson.Set, i => i.Code == "1.1" ? i with { Threshold = ReportedValue.Of(85m) } : i);
        var difference = SetDifference.Between(SetJson.Set, to);
        var indicator = Assert.Single(difference.Indicators);
        Assert.Equal(("1.1", 1, "changed", 5), (indicator.Code, indicator.Criterion, indicator.Change, difference.Unchanged));
        Assert.Equal(("threshold", 80, 85), (indicator.Fields[0].Field, (int)indicator.Fields[0].From!, (int)indicator.Fields[0].To!));
        Assert.Empty(difference.Set);
    }

    [Fact]
    public void What_came_and_went_is_told_apart_from_what_is_only_not_known()
    {
        var shorter = SetJson.Set with { Criteria = [.. SetJson.Set.Criteria.Take(2)] };
        Assert.Equal(["removed", "removed"], SetDifference.Between(SetJson.Set, shorter).Indicators.Select(i => i.Change));
        Assert.Equal(["added", "added"], SetDifference.Between(shorter, SetJson.Set).Indicators.Select(i => i.Change));
        Assert.All(SetDifference.Between(SetJson.Set, shorter, known: false).Indicators, i => Assert.Equal("unknown", i.Change));
        Assert.Equal("removed", Assert.Single(SetDifference.Between(SetJson.Set, shorter).Criteria).Change);
    }

    [Property(MaxTest = 50, Replay = "2024,211")]
    public Property A_set_differs_in_nothing_from_itself() => Prop.ForAll(AnySet.ToArbitrary(), set =>
    {
        var difference = SetDifference.Between(set, set);
        return difference.Set.Count == 0 && difference.Criteria.Count == 0 && difference.Indicators.Count == 0 && difference.Unchanged == set.Indicators.Count();
    });

    [Property(MaxTest = 100, Replay = "2024,213")]
    public Property The_difference_applied_to_the_one_gives_the_other() => Prop.ForAll(AnySet.ToArbitrary(), AnySet.ToArbitrary(), (from, to) =>
        JsonNode.DeepEquals(Flat(to), Applied(Flat(from), SetDifference.Between(from, to))));

    private static readonly Gen<CriteriaSet> AnySet =
        from set in Gen.Elements(Sets)
        from kept in Gen.Choose(0, 3)
        from figure in Gen.Choose(0, 100)
        from every in Gen.Choose(1, 9)
        select Edited(set with { TitleVi = $"{set.TitleVi} {figure}", Criteria = [.. set.Criteria.Where(c => c.No % 4 != kept)] }, i =>
            i.Code.Length % every == 0 ? i with { Threshold = ReportedValue.Of((decimal)figure), Note = "khác" } : i);

    private static CriteriaSet Edited(CriteriaSet set, Func<Indicator, Indicator> edit) =>
        set with { Criteria = [.. set.Criteria.Select(c => c with { Indicators = [.. c.Indicators.Select(edit)] })] };

    /// <summary>Set, criteria and indicators side by side, each under its own name.</summary>
    private static JsonObject Flat(CriteriaSet set)
    {
        var flat = new JsonObject { ["set"] = Json(SetDifference.Own(set)) };
        foreach (var c in set.Criteria.OrderBy(c => c.No)) flat[$"criterion {c.No}"] = Json(c with { Indicators = [] });
        foreach (var i in set.Indicators.OrderBy(i => i.Code, StringComparer.Ordinal)) flat[$"indicator {i.Code}"] = Json(i);
        return flat;
    }

    private static JsonObject Applied(JsonObject from, SetDifference difference)
    {
        Apply("set", "changed", difference.Set);
        foreach (var c in difference.Criteria) Apply($"criterion {c.No}", c.Change, c.Fields);
        foreach (var i in difference.Indicators) Apply($"indicator {i.Code}", i.Change, i.Fields);
        return from;

        void Apply(string thing, string change, IReadOnlyList<FieldDifference> fields)
        {
            if (change == "removed")
            {
                from.Remove(thing);
                return;
            }

            from.TryAdd(thing, new JsonObject());
            var json = from[thing]!.AsObject();
            foreach (var field in fields)
            {
                if (field.To is null) json.Remove(field.Field);
                else json[field.Field] = field.To.DeepClone();
            }
        }
    }

    private static JsonObject Json<T>(T value)
    {
        var json = JsonSerializer.SerializeToNode(value, NtmJson.Stored)!.AsObject();
        // A field that is null is one that is not there.
        foreach (var name in json.Where(f => f.Value is null).Select(f => f.Key).ToList()) json.Remove(name);
        return json;
    }
}
