using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Ntm.Bench;

/// <summary>One line of the table.</summary>
/// <param name="Ceiling">What the same machine reached in the same minute by shorter means.</param>
/// <param name="Met">Null where the line has no goal of its own.</param>
internal sealed record Row(string What, string Goal, double? Figure, string Unit, double? Ceiling, string CeilingOf, double? Ratio, bool? Met, string Note)
{
    public static Row Of(string what, double figure, string unit, string note = "") => new(what, "", figure, unit, null, "", null, null, note);

    public static Row AtMost(string what, double goal, double figure, string unit, string note = "") =>
        new(what, string.Create(CultureInfo.InvariantCulture, $"≤ {goal} {unit}"), figure, unit, null, "", null, figure <= goal, note);

    public static Row AtLeast(string what, double goal, double figure, string unit, string note = "") =>
        new(what, string.Create(CultureInfo.InvariantCulture, $"≥ {goal} {unit}"), figure, unit, null, "", null, figure >= goal, note);

    /// <summary>A figure beside a ceiling; without a goal for information.</summary>
    public static Row Share(string what, double? goal, double figure, string unit, double ceiling, string ceilingOf, string note = "") =>
        new(what, goal is null ? "" : string.Create(CultureInfo.InvariantCulture, $"≥ {goal:0.00}"), figure, unit, ceiling, ceilingOf, figure / ceiling, goal is null ? null : figure / ceiling >= goal, note);

    public static Row Missing(string what, string goal, string why) => new(what, goal, null, "", null, "", null, false, why);
}

/// <summary>The lines in the order in which they were measured.</summary>
internal sealed class Table
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly List<Row> rows = [];

    public void Add(Row row)
    {
        rows.Add(row);
        Console.Error.WriteLine($"  {Line(row)}");
    }

    public string ToMarkdown() => rows.Aggregate(
        new StringBuilder("| what | goal | figure | ceiling of the same minute | ratio | met | note |\n|---|---|---|---|---|---|---|\n"),
        (text, row) => text.Append(Line(row)).Append('\n')).ToString();

    public string ToJson(Options options) => JsonSerializer.Serialize(
        new { at = TimeProvider.System.GetUtcNow(), processors = Environment.ProcessorCount, options.Clients, warmUp = options.WarmUp.TotalSeconds, seconds = options.Duration.TotalSeconds, rows }, Indented);

    private static string Line(Row row) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {row.What} | {row.Goal} | {Number(row.Figure)} {row.Unit} | {(row.Ceiling is null ? "" : $"{Number(row.Ceiling)} ({row.CeilingOf})")} | {row.Ratio:0.00} | {(row.Met is null ? "" : row.Met.Value ? "yes" : "**no**")} | {row.Note} |");

    private static string Number(double? value) => value is not { } number ? "–"
        : number.ToString(Math.Abs(number) >= 100 ? "N0" : "0.##", CultureInfo.InvariantCulture);
}
