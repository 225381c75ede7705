using System.Text.Json;
using System.Text.Json.Serialization;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units.Administration;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Exchange;

/// <summary>The whole register with its history, ids, facts and links, as it is exported and imported.</summary>
/// <param name="AsOfPosition">Position of the store that the export speaks of; null for what is in force now.</param>
public sealed record RegisterContent(long? AsOfPosition, IReadOnlyList<RegisterUnit> Units);

/// <summary>A unit with its whole history, and the decisions behind its links and its end.</summary>
/// <param name="End">How it ended; null while in force.</param>
public sealed record RegisterUnit(
    Guid Id, string Level, string? Region, IReadOnlyList<UnitVersion> Versions, IReadOnlyList<RegisterLink> Predecessors, IReadOnlyList<RegisterLink> Successors,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<UnitFact>? Facts = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RegisterEnd? End = null)
{
    internal static RegisterUnit Of(UnitBiography told)
    {
        var unit = told.State;
        return new(
            unit.Id, unit.Level, unit.Region, unit.Versions, [.. told.Predecessors.Select(LinkOf)], [.. told.Successors.Select(LinkOf)], unit.Facts,
            told.End is { } end ? new(end.Item, told.EndKind!, end.LegalBasis, end.Mark) : null);

        static RegisterLink LinkOf(Told<UnitLink> link) => new(link.Item.Unit, link.Item.On, link.Item.Part, link.LegalBasis, link.Mark);
    }
}

/// <summary>A unit that came before or after another, with the decision behind it.</summary>
/// <param name="Mark">seen, recalled, derived or unknown; with neither mark nor basis, those of the version of that day.</param>
public sealed record RegisterLink(
    Guid Unit, DateOnly On, string Part,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? LegalBasis = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Mark = null)
{
    internal UnitLink Link => new(Unit, On, Part);

    internal Decision? Decision => LegalBasis is null && Mark is null ? null : new(LegalBasis, Mark ?? Decision.Unknown);
}

/// <param name="LastDay">The last version's last day.</param>
/// <param name="Kind">merged, split or dissolved.</param>
public sealed record RegisterEnd(DateOnly LastDay, string Kind, string? LegalBasis, string? Mark);

/// <summary>Legal basis of an event, and how sure it is.</summary>
internal sealed record Decision(string? LegalBasis, string Mark)
{
    public const string Unknown = "unknown";
}

/// <summary>One unit of a file. A list that the file leaves out says nothing; an empty one says that there is none.</summary>
internal sealed record FileUnit(UnitState State, bool SaysPredecessors = true, bool SaysSuccessors = true, bool SaysFacts = true)
{
    private readonly Dictionary<(bool Before, UnitLink Link), Decision> decisions = [];

    public FileUnit(RegisterUnit unit)
        : this(
            new UnitState(
                unit.Id, unit.Level, unit.Region, unit.Versions ?? [], [.. (unit.Predecessors ?? []).Select(l => l.Link)], [.. (unit.Successors ?? []).Select(l => l.Link)], unit.Facts ?? []),
            unit.Predecessors is not null, unit.Successors is not null, unit.Facts is not null)
    {
        End = unit.End;
        foreach (var (before, link) in (unit.Predecessors ?? []).Select(l => (true, l)).Concat((unit.Successors ?? []).Select(l => (false, l))))
        {
            if (link.Decision is { } decision) decisions.TryAdd((before, link.Link), decision);
        }
    }

    public RegisterEnd? End { get; }

    /// <summary>The decision that the file names for a predecessor, or a successor; null where it names none.</summary>
    public Decision? Of(bool before, UnitLink link) => decisions.GetValueOrDefault((before, link));
}

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
            units.Add(new(unit));
        }

        return new(units, faults, (n, field) => $"units[{places[n]}].{field}");
    }

    private static IEnumerable<ActFault> Gaps<T>(IReadOnlyList<T>? list, string at)
        where T : class => (list ?? []).Select((item, i) => (item, i)).Where(x => x.item is null).Select(x => Missing($"{at}[{x.i}]"));

    public static ActFault Missing(string place) => new(place, "required", new("Thiếu nội dung.", "The entry is missing."));
}
