using System.Text.Json;
using System.Text.Json.Nodes;
using Ntm.Criteria.Catalogue;

namespace Ntm.Criteria.Tests.Catalogue;

/// <summary>A small set as a client writes it, and what tests break of it.</summary>
internal static class SetJson
{
    private const string Whole =
        """
        {
          "id": "bo-thu-nghiem", "titleVi": "Bộ thử", "titleEn": "A set", "tier": "commune", "period": "2021-2025", "scope": "national",
          "legalBasis": [{ "number": "1/QĐ-TTg", "date": "2022-03-08" }], "inForceFrom": "2022-03-08", "inForceTo": "2026-02-14", "source": "seen",
          "criteria": [
            { "no": 1, "nameVi": "Một", "nameEn": "One", "indicators": [
              { "code": "1.1", "textVi": "a", "textEn": "a", "valueType": "percent", "unit": "%", "comparison": ">=", "threshold": 80, "source": "seen", "thresholdSource": "seen", "refs": ["x"], "confidence": "high" },
              { "code": "1.2", "textVi": "b", "textEn": "b", "valueType": "percent", "unit": "%", "comparison": ">=", "thresholdsByRegion": [{ "region": "Bắc Trung Bộ", "value": 70 }], "thresholdSource": "recalled" },
              { "code": "1.3", "textVi": "c", "textEn": "c", "valueType": "number", "comparison": "<=" }] },
            { "no": 2, "nameVi": "Hai", "nameEn": "Two", "indicators": [
              { "code": "2", "textVi": "d", "textEn": "d", "valueType": "number", "comparison": ">=", "threshold": 3, "delegatedToProvince": true, "thresholdSource": "seen" }] },
            { "no": 3, "nameVi": "Ba", "nameEn": "Three", "indicators": [
              { "code": "3.1", "textVi": "e", "textEn": "e", "valueType": "yesno", "comparison": "meets", "threshold": "Đạt" },
              { "code": "3.2", "textVi": "f", "textEn": "f", "valueType": "score", "unit": "điểm", "comparison": ">=", "threshold": 65, "evidenceVi": "Phiếu chấm", "legalSource": "QĐ 1" }] }
          ]
        }
        """;

    public static CriteriaSet Set { get; } = Read(Node()).Set!;

    public static JsonObject Node() => JsonNode.Parse(Whole)!.AsObject();

    public static JsonObject Indicator(this JsonObject set, int criterion, int indicator) => set["criteria"]![criterion]!["indicators"]![indicator]!.AsObject();

    public static (CriteriaSet? Set, IReadOnlyList<SetFault> Faults) Read(JsonNode json) => Read(json.ToJsonString());

    public static (CriteriaSet? Set, IReadOnlyList<SetFault> Faults) Read(string json)
    {
        var faults = new SetFaults();
        var set = SetReader.Read(JsonSerializer.Deserialize<JsonElement>(json), "", faults);
        if (set is not null) SetRules.Check(set, "", faults);
        return (set, faults.All);
    }

    /// <summary>The set broken in one way, and the place and rule that are named.</summary>
    public static IEnumerable<(string Path, string Rule)> Faults(Action<JsonObject> breaks)
    {
        var json = Node();
        breaks(json);
        return Read(json).Faults.Select(f => (f.Path, f.Rule));
    }
}
