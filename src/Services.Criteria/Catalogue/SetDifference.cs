using System.Text.Json;
using System.Text.Json.Nodes;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Catalogue;

/// <summary>One field that differs.</summary>
/// <param name="From">Its value before; null where it was not there.</param>
public sealed record FieldDifference(string Field, JsonNode? From, JsonNode? To);

/// <summary>A criterion that differs in its own fields.</summary>
/// <param name="Change">added, removed or changed.</param>
public sealed record CriterionDifference(int No, string Change, IReadOnlyList<FieldDifference> Fields);

/// <summary>An indicator that differs; one that came or went with all its fields.</summary>
/// <param name="Change">added, removed, changed, or unknown where the other set's text is not wholly known.</param>
public sealed record IndicatorDifference(string Code, int Criterion, string Change, IReadOnlyList<FieldDifference> Fields);

/// <summary>What one version of a set says otherwise than another.</summary>
public sealed record SetDifference(IReadOnlyList<FieldDifference> Set, IReadOnlyList<CriterionDifference> Criteria, IReadOnlyList<IndicatorDifference> Indicators, int Unchanged)
{
    /// <param name="known">Whether what the second does not name is known to be gone.</param>
    public static SetDifference Between(CriteriaSet from, CriteriaSet to, bool known = true)
    {
        var (left, right) = (ByCode(from), ByCode(to));
        List<IndicatorDifference> indicators = [];
        foreach (var code in left.Keys.Union(right.Keys, StringComparer.Ordinal))
        {
            var (before, after) = (left.GetValueOrDefault(code), right.GetValueOrDefault(code));
            var fields = Fields(before.Json, after.Json);
            if (fields.Count == 0) continue;
            var change = before.Json is null ? "added" : after.Json is not null ? "changed" : known ? "removed" : "unknown";
            indicators.Add(new(code, after.Json is null ? before.Criterion : after.Criterion, change, fields));
        }

        return new(
            Fields(Json(Own(from)), Json(Own(to))), CriteriaBetween(from, to, known),
            [.. indicators.OrderBy(i => i.Criterion).ThenBy(i => i.Code.Length).ThenBy(i => i.Code, StringComparer.Ordinal)],
            left.Keys.Union(right.Keys, StringComparer.Ordinal).Count() - indicators.Count);
    }

    /// <summary>The set without its criteria, with what follows from its content.</summary>
    internal static CriteriaSet Own(CriteriaSet set) => set with { Complete = set.IsComplete, Dimension = set.Along, Criteria = [] };

    private static List<CriterionDifference> CriteriaBetween(CriteriaSet from, CriteriaSet to, bool known)
    {
        List<CriterionDifference> criteria = [];
        foreach (var no in from.Criteria.Concat(to.Criteria).Select(c => c.No).Distinct().Order())
        {
            var (before, after) = (Own(from, no), Own(to, no));
            if (Fields(before, after) is { Count: > 0 } fields) criteria.Add(new(no, before is null ? "added" : after is not null ? "changed" : known ? "removed" : "unknown", fields));
        }

        return criteria;
    }

    private static JsonObject? Own(CriteriaSet set, int no) => set.Criteria.FirstOrDefault(c => c.No == no) is { } criterion ? Json(criterion with { Indicators = [] }) : null;

    private static Dictionary<string, (int Criterion, JsonObject? Json)> ByCode(CriteriaSet set) =>
        set.Criteria.SelectMany(c => c.Indicators.Select(i => (c.No, Indicator: i))).ToDictionary(x => x.Indicator.Code, x => (x.No, (JsonObject?)Json(x.Indicator)), StringComparer.Ordinal);

    private static List<FieldDifference> Fields(JsonObject? from, JsonObject? to)
    {
        List<FieldDifference> fields = [];
        foreach (var name in (from ?? []).Select(f => f.Key).Union((to ?? []).Select(f => f.Key), StringComparer.Ordinal))
        {
            var (before, after) = (from?[name], to?[name]);
            if (!JsonNode.DeepEquals(before, after)) fields.Add(new(name, before?.DeepClone(), after?.DeepClone()));
        }

        return fields;
    }

    private static JsonObject Json<T>(T value) => JsonSerializer.SerializeToNode(value, NtmJson.Stored)!.AsObject();
}
