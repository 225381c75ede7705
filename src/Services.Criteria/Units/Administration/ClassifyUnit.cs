using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Administration;

/// <summary>What a unit is, by day: region, commune group, terrain, population, area.</summary>
internal static class ClassifyUnit
{
    private const int MostFacts = 100;

    /// <param name="Value">Number, true, false or text; null says that it is known that nobody knows.</param>
    /// <param name="From">First day; null for as long as the unit exists.</param>
    /// <param name="To">Last day, inclusive; null while it holds.</param>
    /// <param name="Mark">seen, recalled, derived or unknown; seen where nothing is said.</param>
    /// <param name="Basis">Decision or source; the act's legal basis where nothing is said.</param>
    public sealed record Fact(string? Name, FactValue Value, DateOnly? From, DateOnly? To, string? Mark, string? Basis);

    /// <param name="On">Day on which the unit carries the path's code; today where nothing is said.</param>
    public sealed record Body(IReadOnlyList<Fact?>? Facts, string? LegalBasis, DateOnly? On);

    public static void Plan(Act act, Body body)
    {
        var facts = FactsOf(act, body.Facts, "facts", required: true);
        act.Needs(act.Unit!, act.On, act.Unit!.Level);
        if (act.Faults.Count > 0) return;
        act.Record(act.Unit.Id, new UnitClassified(facts, act.Basis, act.Person, act.Now), "");
        if (act.After[act.Unit.Id].Facts!.SequenceEqual(act.Unit.Facts ?? []))
            act.Fault("facts", "nothing-to-change", "Không có gì thay đổi.", "Nothing would change.");
    }

    public static IReadOnlyList<UnitFact> FactsOf(Act act, IReadOnlyList<Fact?>? given, string field, bool required)
    {
        if (given is null or { Count: 0 })
        {
            if (required) act.Fault(field, "required", "Thiếu phân loại.", "The facts are missing.");
            return [];
        }

        if (given.Count > MostFacts) act.Fault(field, "too-many", $"Nhiều nhất {MostFacts} mục.", $"At most {MostFacts} entries.");
        List<UnitFact> facts = [];
        for (var i = 0; i < Math.Min(given.Count, MostFacts); i++)
        {
            var at = $"{field}[{i}]";
            if (given[i] is not { } fact || !fact.Value.Given)
            {
                act.Fault($"{at}.value", "required", "Thiếu giá trị; null nghĩa là không ai biết.", "The value is missing; null says that nobody knows.");
                continue;
            }

            if (UnitFactRules.Fault(fact.Name, fact.Value.Text) is { } words)
                act.Fault(UnitFactRules.IsKnown(fact.Name) ? $"{at}.value" : $"{at}.name", "fact-value", words.Vi, words.En);
            if (fact is { From: { } first, To: { } last } && first > last) act.Fault($"{at}.to", "first-after-last", "Ngày đầu sau ngày cuối.", "The first day is after the last.");
            var basis = act.Text(fact.Basis, $"{at}.basis", Prose.Longest, required: false) ?? act.Basis;
            var added = new UnitFact(fact.Name ?? "", fact.Value.Text, fact.From, fact.To, basis, fact.Mark ?? "seen");
            if (facts.Exists(other => other.Name == added.Name && Overlap(other, added)))
                act.Fault($"{at}.from", "facts-overlap", $"Các khoảng ngày của \"{added.Name}\" chồng lên nhau.", $"The days of \"{added.Name}\" overlap.");
            act.Stands(added, at);
            facts.Add(added);
        }

        return facts;
    }

    private static bool Overlap(UnitFact a, UnitFact b) =>
        (a.From ?? DateOnly.MinValue) <= (b.To ?? DateOnly.MaxValue) && (b.From ?? DateOnly.MinValue) <= (a.To ?? DateOnly.MaxValue);
}

/// <summary>A value of a fact as invariant text; a number is kept exactly or refused, never rounded.</summary>
/// <param name="Given">Whether the body has it at all: null is an answer, silence is none.</param>
[JsonConverter(typeof(FactValueConverter))]
public readonly record struct FactValue(bool Given, string? Text);

internal sealed class FactValueConverter : JsonConverter<FactValue>
{
    public override bool HandleNull => true;

    public override FactValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(true, reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.Number => ExactNumber.Read(ref reader).ToString("0.############################", CultureInfo.InvariantCulture),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.String => Prose.Clean(reader.GetString()) ?? "",
        _ => throw new JsonException("A value is a number, true, false, a text or null."),
    });

    public override void Write(Utf8JsonWriter writer, FactValue value, JsonSerializerOptions options)
    {
        if (value.Text is { } text) writer.WriteStringValue(text);
        else writer.WriteNullValue();
    }
}
