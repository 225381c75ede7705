using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Procedures;

/// <summary>A value that was not seen in the law itself.</summary>
/// <param name="Path">JSON path in the same answer.</param>
/// <param name="Mark">seen-pred, recalled, derived, unknown or internal.</param>
/// <param name="Value">"chưa quy định / not set" where there is no value; null where there is one.</param>
public sealed record UnseenValue(string Path, string Mark, string? Value);

/// <summary>The procedure that holds for a province on a day, with what of it is not sure.</summary>
/// <param name="Overlay">The province's file and which values come from it; null where the national file alone holds.</param>
/// <param name="Unseen">Every value that is not <c>seen</c>.</param>
public sealed record ProcedureView(
    [property: JsonPropertyName("procedure")] string Id, string Title, string Version, string Tier, string Set, DateOnly ValidFrom, DateOnly? ValidTo,
    IReadOnlyList<LegalAct> Legal, Transition Transition, IReadOnlyList<Condition> Conditions, IReadOnlyList<ProcedureState> States,
    IReadOnlyList<ProcedureStep> Steps, IReadOnlyList<PaperStep> PaperSteps, Revocation? Revocation, AppliedOverlay? Overlay, IReadOnlyList<UnseenValue> Unseen)
{
    public static readonly Text NotSet = new("chưa quy định", "not set");

    /// <summary>Members that hold what a mark speaks of; null in them is a value that nobody knows.</summary>
    private static readonly string[] Values = ["value", "share", "minimum", "rule", "copies", "formCode", "bodyVi", "measureSet", "fallTo"];

    public static ProcedureView Of(Procedure p, bool english)
    {
        var view = new ProcedureView(
            p.Id, p.Title, p.Version, p.Tier, p.Set, p.ValidFrom, p.ValidTo, p.Legal, p.Transition, p.Conditions, p.States, p.Steps, p.PaperSteps ?? [], p.Revocation,
            p.Overlay, []);
        return view with { Unseen = UnseenIn(p, english ? NotSet.En : NotSet.Vi) };
    }

    public static IReadOnlyList<UnseenValue> UnseenIn(Procedure procedure, string notSet) =>
        [.. Walk(JsonSerializer.SerializeToNode(procedure, NtmJson.Http), "$", notSet)];

    private static IEnumerable<UnseenValue> Walk(JsonNode? node, string path, string notSet) => node switch
    {
        JsonArray list => list.SelectMany((item, i) => Walk(item, $"{path}[{i}]", notSet)),
        JsonObject item => Own(item, path, notSet).Concat(item.SelectMany(member => Walk(member.Value, $"{path}.{member.Key}", notSet))),
        _ => [],
    };

    private static IEnumerable<UnseenValue> Own(JsonObject item, string path, string notSet)
    {
        if ((string?)item["mark"] is not { } mark || mark == "seen") return [];
        var unknown = Values.Where(name => item.TryGetPropertyValue(name, out var value) && value is null && !(name == "value" && item["before"] is not null)).ToArray();
        return unknown.Length == 0 ? [new(path, mark, null)] : unknown.Select(name => new UnseenValue($"{path}.{name}", mark, notSet));
    }
}
