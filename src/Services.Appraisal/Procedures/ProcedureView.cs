using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Procedures;

/// <summary>A value that was not seen in the law itself.</summary>
/// <param name="Path">JSON path in the same answer.</param>
/// <param name="Mark">seen-pred, recalled, derived, unknown or internal; unknown for each value that is not there.</param>
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

    private const string Unknown = "unknown";

    /// <summary>Members that say something of a value without being one.</summary>
    private static readonly string[] Beside = ["mark", "note", "legalRef"];

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

    /// <summary>The object under its mark, where anything stands in it; and each value that nobody knows, whatever the mark of what stands beside it.</summary>
    private static IEnumerable<UnseenValue> Own(JsonObject item, string path, string notSet)
    {
        var mark = (string?)item["mark"];
        if (mark is not (null or "seen") && item.Any(member => member.Value is not (null or JsonArray { Count: 0 }) && !Beside.Contains(member.Key))) yield return new(path, mark, null);
        foreach (var name in ValuesOf(item, path[(path.LastIndexOf('.') + 1)..], mark))
            if (item.TryGetPropertyValue(name, out var value) && value is null) yield return new($"{path}.{name}", Unknown, notSet);
    }

    /// <summary>Members that hold a value of the law; null in one of them is a value that nobody knows. A member that is not asked for here is none.</summary>
    private static string[] ValuesOf(JsonObject item, string name, string? mark) => name switch
    {
        "deadline" when item["before"] is not null => [],
        // What a return does to a time that is not set is not asked.
        "deadline" => item["value"] is null ? ["value"] : ["value", "onReturn"],
        "quorum" or "pass" => ["share", "of"],
        "survey" => ["form"],
        _ when (string?)item["id"] is StepIds.Votes or StepIds.DistrictVote or StepIds.ProvinceVote || (item["pass"] is not null && !item.ContainsKey("roles")) => ["ballot"],
        // Of a condition that is seen, no least value is one that the law does not set.
        _ when mark == "seen" => ["value", "share", "rule", "copies", "formCode", "bodyVi", "measureSet", "fallTo"],
        _ => ["value", "share", "minimum", "rule", "copies", "formCode", "bodyVi", "measureSet", "fallTo"],
    };
}
