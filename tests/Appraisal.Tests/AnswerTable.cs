using System.Collections.Concurrent;
using System.Text.Json;
using Ntm.Architecture.Tests;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>
/// A table of expected answers that is written by hand: procedure, state, command, then one actor a column. Each of the first three cells
/// may name several (<c>|</c>).
/// </summary>
internal static class AnswerTable
{
    /// <summary>How the tables write that a command is taken.</summary>
    public const string Allowed = "ok";

    /// <summary>The rows of a file in <c>tests/</c>, one for each procedure, state and command; the first names the columns.</summary>
    public static string[][] Read(string name) =>
    [
        .. from line in File.ReadAllLines(Repository.PathOf($"tests/{name}"))
           where line.Length > 0
           let cells = line.Split(',')
           from procedure in cells[0].Split('|')
           from state in cells[1].Split('|')
           from command in cells[2].Split('|')
           select (string[])[procedure, state, command, .. cells[3..]],
    ];

    /// <summary>An answer as the tables write it; without a rule where the status says it all.</summary>
    public static string Said((int Status, JsonElement Body) answer)
    {
        if (answer.Status < 300) return Allowed;
        var rule = answer.Body.ValueKind == JsonValueKind.Object ? answer.Body.GetProperty("type").GetString()!.Split('/')[^1] : "forbidden";
        return rule is "forbidden" or "step-not-allowed" or "not-found" or "invalid-input" ? $"{answer.Status}" : $"{answer.Status} {rule}";
    }

    /// <summary>
    /// Asks all cells, several at once; what the table refuses first, since a refusal changes nothing. What is answered otherwise is told, cell by cell.
    /// </summary>
    public static async Task<IReadOnlyCollection<string>> AskAsync(string[][] table, string procedure, Func<string[], string, Task<string>> ask)
    {
        var cells = (from row in table.Skip(1) where row[0] == procedure from column in Enumerable.Range(3, row.Length - 3) select (Row: row, Who: table[0][column], Wanted: row[column])).ToLookup(c => c.Wanted == Allowed);
        ConcurrentQueue<string> wrong = [];
        foreach (var allowed in (bool[])[false, true])
        {
            await Parallel.ForEachAsync(cells[allowed], new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (cell, _) =>
            {
                var answer = await ask(cell.Row, cell.Who);
                if (answer != cell.Wanted) wrong.Enqueue($"{cell.Row[1]} {cell.Row[2]} by {cell.Who}: {answer}, and the table says {cell.Wanted}");
            });
        }

        return wrong;
    }

    /// <summary>Calls that change something below a path, as the table of rights has them: the method, and what comes after the path.</summary>
    public static IEnumerable<string> CallsBelow(string path) => File.ReadAllLines(Repository.PathOf("tests/rights.csv"))
        .Select(line => line.Split(','))
        .Where(cells => cells[0] is "POST" or "PUT" && cells[1].StartsWith(path, StringComparison.Ordinal))
        .Select(cells => cells[1][path.Length..])
        .Distinct();
}

/// <summary>A day on which everything is asked.</summary>
internal sealed class Standstill(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now.ToUniversalTime();

    public static Standstill LastDayOfDistricts { get; } = new(new(2025, 6, 30, 9, 0, 0, VietnamTime.Offset));

    public static Standstill FirstDayWithoutDistricts { get; } = new(new(2025, 7, 1, 9, 0, 0, VietnamTime.Offset));
}
