using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Ntm.Appraisal.Procedures;

/// <summary>A value that a province sets over the national file.</summary>
/// <param name="At">
/// Where it stands, e.g. <c>transition</c>, <c>steps.accept.deadline</c> or <c>steps[submit].documents[letter].required</c>: what a list
/// holds goes by its id, kind or code.
/// </param>
/// <param name="Decision">The province's decision that sets it.</param>
public sealed record OverlayValue(string At, JsonNode? Value, LegalAct Decision);

/// <summary>A step, a state, or an item of a list in one of them, that a province adds to the national file.</summary>
/// <param name="In">The list: <c>steps</c>, <c>paper_steps</c> or <c>states</c>, or one below them, e.g. <c>steps[accept].after</c>.</param>
public sealed record OverlayAddition(string In, JsonNode Item, LegalAct Decision);

/// <summary>A province's own steps and values over one version of a national procedure, read from <c>overlays/{province}</c>.</summary>
/// <param name="Id">Name of this overlay, part of the version that a dossier keeps.</param>
/// <param name="Province">Code of the province; also the name of the folder.</param>
public sealed partial record Overlay(
    [property: System.Text.Json.Serialization.JsonPropertyName("overlay")] string Id, string Procedure, string Version, string Province,
    DateOnly ValidFrom, DateOnly? ValidTo, IReadOnlyList<OverlayValue> Values, IReadOnlyList<OverlayAddition> Added)
{
    private const string Moves = "transition";
    private static readonly string[] Lists = ["conditions", "states", "steps", "paper_steps"];
    private static readonly string[] Keys = ["id", "kind", "code"];

    public bool InForce(DateOnly day) => ValidFrom <= day && day <= (ValidTo ?? DateOnly.MaxValue);

    public string EffectiveVersion => $"{Version}+{Id}";

    /// <summary>The national file with the province's values in it, and where each of them stands.</summary>
    /// <exception cref="InvalidDataException">A value has no place in the national file.</exception>
    public (JsonObject Content, AppliedOverlay Applied) Over(JsonObject national, string file)
    {
        var content = (JsonObject)national.DeepClone();
        List<OverlaidValue> set = [];
        for (var i = 0; i < Values.Count; i++) ProcedureCheck.CheckDecision(Values[i].Decision, file, $"values[{i}].decision");
        for (var i = 0; i < Added.Count; i++) ProcedureCheck.CheckDecision(Added[i].Decision, file, $"added[{i}].decision");
        for (var i = 0; i < Values.Count; i++) set.Add(new(Set(content, Values[i], $"{file}: values[{i}].at"), file, Values[i].Decision));
        for (var i = 0; i < Added.Count; i++) set.Add(new(Add(content, Added[i], $"{file}: added[{i}].in"), file, Added[i].Decision));
        return (content, new(Id, Province, ValidFrom, ValidTo, set));
    }

    private static string Set(JsonObject content, OverlayValue value, string place)
    {
        var names = Split(value.At);
        if (names.Length == 0 || !(names[0] == Moves || (names.Length > 2 && Lists.Contains(names[0])))) throw NoPlace(value.At, place);
        // What an item of a list is known by stays as it is.
        if (Follow(content, names[..^1]) is not (JsonObject at, var path) || (at.Parent is JsonArray && Keys.Contains(names[^1]))) throw NoPlace(value.At, place);
        at[names[^1]] = value.Value?.DeepClone();
        return $"{path}.{Camel(names[^1])}";
    }

    private static string Add(JsonObject content, OverlayAddition addition, string place)
    {
        var names = Split(addition.In);
        if (names.Length == 0 || names[0] is not ("steps" or "paper_steps" or "states")) throw NoPlace(addition.In, place);
        if (Follow(content, names[..^1]) is not (JsonObject at, var path)) throw NoPlace(addition.In, place);
        if (at[names[^1]] is null) at[names[^1]] = new JsonArray();
        if (at[names[^1]] is not JsonArray list) throw NoPlace(addition.In, place);
        list.Add(addition.Item.DeepClone());
        return $"{path}.{Camel(names[^1])}[{list.Count - 1}]";
    }

    /// <summary>What stands where the names lead, with its path in the answer; null where there is no such place.</summary>
    private static (JsonNode At, string Path)? Follow(JsonNode from, string[] names)
    {
        var (at, path) = (from, "$");
        foreach (var name in names)
        {
            if (at is JsonArray list)
            {
                var index = list.ToList().FindIndex(item => item is JsonObject known && Array.Exists(Keys, key => known[key] is JsonValue id && id.GetValueKind() == JsonValueKind.String && (string?)id == name));
                if (index < 0) return null;
                (at, path) = (list[index]!, $"{path}[{index}]");
            }
            else
            {
                if ((at as JsonObject)?[name] is not { } next) return null;
                (at, path) = (next, $"{path}.{Camel(name)}");
            }
        }

        return (at, path);
    }

    private static string[] Split(string place) => Form().IsMatch(place) ? [.. place.Split('.', '[').Select(name => name.TrimEnd(']'))] : [];

    private static InvalidDataException NoPlace(string at, string place) => new($"{place}: unknown \"{at}\"");

    [GeneratedRegex(@"^[a-z_]+(\.[^.\[\]]+|\[[^.\[\]]+\])*$", RegexOptions.NonBacktracking)]
    private static partial Regex Form();

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(string.Concat(name.Split('_').Select((word, i) => i == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..])));
}
