using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ntm.Appraisal.Procedures;

/// <summary>A value that a province sets over the national file.</summary>
/// <param name="At">List, id and member, e.g. <c>steps.accept.deadline</c>.</param>
/// <param name="Decision">The province's decision that sets it.</param>
public sealed record OverlayValue(string At, JsonNode? Value, LegalAct Decision);

/// <summary>A step or state that a province adds to the national file.</summary>
/// <param name="In">The list: <c>steps</c>, <c>paper_steps</c> or <c>states</c>.</param>
public sealed record OverlayAddition(string In, JsonObject Item, LegalAct Decision);

/// <summary>A province's own steps and values over one version of a national procedure, read from <c>overlays/{province}</c>.</summary>
/// <param name="Id">Name of this overlay, part of the version that a dossier keeps.</param>
/// <param name="Province">Code of the province; also the name of the folder.</param>
public sealed record Overlay(
    [property: System.Text.Json.Serialization.JsonPropertyName("overlay")] string Id, string Procedure, string Version, string Province,
    DateOnly ValidFrom, DateOnly? ValidTo, IReadOnlyList<OverlayValue> Values, IReadOnlyList<OverlayAddition> Added)
{
    private static readonly string[] Lists = ["conditions", "states", "steps", "paper_steps"];

    public bool InForce(DateOnly day) => ValidFrom <= day && day <= (ValidTo ?? DateOnly.MaxValue);

    public string EffectiveVersion => $"{Version}+{Id}";

    /// <summary>The national file with the province's values in it, and where each of them stands.</summary>
    /// <exception cref="InvalidDataException">A value has no place in the national file.</exception>
    public (JsonObject Content, AppliedOverlay Applied) Over(JsonObject national, string file)
    {
        var content = (JsonObject)national.DeepClone();
        List<OverlaidValue> set = [];
        for (var i = 0; i < Values.Count; i++) set.Add(new(Set(content, Values[i], $"{file}: values[{i}].at"), file, Values[i].Decision));
        for (var i = 0; i < Added.Count; i++) set.Add(new(Add(content, Added[i], $"{file}: added[{i}].in"), file, Added[i].Decision));
        return (content, new(Id, Province, ValidFrom, ValidTo, set));
    }

    private static string Set(JsonObject content, OverlayValue value, string place)
    {
        var parts = value.At.Split('.');
        if (parts.Length < 3 || !Lists.Contains(parts[0]) || content[parts[0]] is not JsonArray list) throw NoPlace();
        var index = list.ToList().FindIndex(item => (string?)item?["id"] == parts[1]);
        if (index < 0 || list[index] is not JsonObject at || parts[^1] == "id") throw NoPlace();
        foreach (var part in parts[2..^1]) at = at[part] as JsonObject ?? throw NoPlace();
        at[parts[^1]] = value.Value?.DeepClone();
        return $"$.{Camel(parts[0])}[{index}].{string.Join('.', parts[2..].Select(Camel))}";

        InvalidDataException NoPlace() => new($"{place}: unknown \"{value.At}\"");
    }

    private static string Add(JsonObject content, OverlayAddition addition, string place)
    {
        if (addition.In is not ("steps" or "paper_steps" or "states")) throw new InvalidDataException($"{place}: unknown \"{addition.In}\"");
        if (content[addition.In] is not JsonArray list) content[addition.In] = list = [];
        list.Add(addition.Item.DeepClone());
        return $"$.{Camel(addition.In)}[{list.Count - 1}]";
    }

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(string.Concat(name.Split('_').Select((word, i) => i == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..])));
}
