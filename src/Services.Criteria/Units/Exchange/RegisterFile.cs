using System.Text.Json;
using System.Text.Json.Serialization;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units.Administration;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Exchange;

/// <summary>The whole register with its history, ids, facts and links, as it is exported and imported.</summary>
/// <param name="AsOfPosition">Position of the store that the export speaks of; null for what is in force now.</param>
public sealed record RegisterContent(long? AsOfPosition, IReadOnlyList<UnitState> Units);

/// <summary>One unit of a file. A list that the file leaves out says nothing; an empty one says that there is none.</summary>
internal sealed record FileUnit(UnitState State, bool SaysPredecessors = true, bool SaysSuccessors = true, bool SaysFacts = true);

/// <summary>A file that could be read.</summary>
/// <param name="Faults">What is wrong with single entries.</param>
/// <param name="Place">Where in the file a field of the n-th unit stands.</param>
internal sealed record RegisterFile(IReadOnlyList<FileUnit> Units, IReadOnlyList<ActFault> Faults, Func<int, string, string> Place)
{
    private static readonly JsonSerializerOptions Strict = new(NtmJson.Http) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>Reads JSON of the form of the export; the refusal names line and path of what cannot be read.</summary>
    public static async Task<(RegisterFile? File, Refusal? Refusal)> ReadJsonAsync(Stream body, CancellationToken ct)
    {
        try
        {
            return (Of(await JsonSerializer.DeserializeAsync<RegisterContent>(body, Strict, ct)), null);
        }
        catch (JsonException json)
        {
            var (line, path) = (json.LineNumber + 1, json.Path is { Length: > 2 } at ? at[2..] : "body");
            return (null, Refusal.Malformed(path, "malformed-body", $"Dòng {line}: \"{path}\" không đọc được.", $"Line {line}: \"{path}\" cannot be read."));
        }
    }

    private static RegisterFile Of(RegisterContent? content)
    {
        List<FileUnit> units = [];
        List<ActFault> faults = [];
        List<int> places = [];
        if (content?.Units is null) faults.Add(Missing("units"));
        for (var i = 0; i < (content?.Units?.Count ?? 0); i++)
        {
            var at = $"units[{i}]";
            if (content!.Units[i] is not { } unit || unit.Id == Guid.Empty)
            {
                faults.Add(Missing($"{at}.id"));
                continue;
            }

            var before = faults.Count;
            faults.AddRange(Gaps(unit.Versions, $"{at}.versions"));
            faults.AddRange(Gaps(unit.Predecessors, $"{at}.predecessors"));
            faults.AddRange(Gaps(unit.Successors, $"{at}.successors"));
            faults.AddRange(Gaps(unit.Facts, $"{at}.facts"));
            if (faults.Count > before) continue;
            places.Add(i);
            units.Add(new(
                unit with { Versions = unit.Versions ?? [], Predecessors = unit.Predecessors ?? [], Successors = unit.Successors ?? [], Facts = unit.Facts ?? [] },
                unit.Predecessors is not null, unit.Successors is not null, unit.Facts is not null));
        }

        return new(units, faults, (n, field) => $"units[{places[n]}].{field}");
    }

    private static IEnumerable<ActFault> Gaps<T>(IReadOnlyList<T>? list, string at)
        where T : class => (list ?? []).Select((item, i) => (item, i)).Where(x => x.item is null).Select(x => Missing($"{at}[{x.i}]"));

    public static ActFault Missing(string place) => new(place, "required", new("Thiếu nội dung.", "The entry is missing."));
}
