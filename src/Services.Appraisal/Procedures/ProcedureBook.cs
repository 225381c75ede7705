using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Procedures;

/// <summary>All procedures by version. A dossier keeps the version that it began under.</summary>
public sealed class ProcedureBook
{
    private const string TitlesFile = "titles.json";
    private const string InheritanceFile = "inheritance.json";
    private const string OverlaysFolder = "overlays";

    private static readonly JsonSerializerOptions FileJson = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
    };

    private readonly IReadOnlyList<Procedure> procedures;
    private readonly IReadOnlyList<Procedure> overlaid;

    /// <param name="overlaid">Effective procedures of provinces, each with its overlay.</param>
    public ProcedureBook(IReadOnlyList<KnownTitle> titles, IReadOnlyList<Procedure> procedures, IReadOnlyList<Procedure>? overlaid = null) =>
        (Titles, this.procedures, this.overlaid) = (titles, procedures, overlaid ?? []);

    public IReadOnlyList<KnownTitle> Titles { get; }

    /// <summary>How titles of predecessors are acknowledged, by day; without a file nothing is known of it.</summary>
    public IReadOnlyList<InheritanceRule> Inheritance { get; private init; } = [];

    /// <summary>Titles that any version of a procedure measures by the set.</summary>
    public IEnumerable<string> TitlesBy(string set) => procedures.Concat(overlaid).Where(p => p.Set == set).Select(p => p.Title).Distinct(StringComparer.Ordinal);

    /// <summary>Place of the title among those of its tier, the lowest first; -1 for an unknown one.</summary>
    public int RankOf(string title) => Titles.ToList().FindIndex(t => t.Id == title);

    /// <summary>Whether the title of the procedure is for such a unit.</summary>
    /// <param name="kind">Kind of the unit on the day.</param>
    public bool IsFor(Procedure procedure, UnitState unit, string kind) =>
        unit.Level == procedure.Tier && Titles.First(t => t.Id == procedure.Title).Kinds?.Contains(kind) != false;

    /// <summary>What is known of how a unit made on the day comes to its predecessors' titles.</summary>
    public InheritanceRule? InheritanceOn(DateOnly day) => Inheritance.FirstOrDefault(r => r.Covers(day));

    /// <summary>National procedures, by id and first day.</summary>
    public IEnumerable<Procedure> All => procedures.OrderBy(p => p.Id, StringComparer.Ordinal).ThenBy(p => p.ValidFrom);

    /// <summary>Reads and checks the folder; what the code could not follow stops the start, naming file and place.</summary>
    public static ProcedureBook Load(string folder)
    {
        var titles = Read<List<KnownTitle>>(Path.Combine(folder, TitlesFile), TitlesFile);
        List<Procedure> read = [];
        Dictionary<(string Id, string Version), JsonObject> contents = [];
        foreach (var file in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(file);
            if (name is TitlesFile or InheritanceFile) continue;
            var content = Read<JsonObject>(file, name);
            var procedure = Parse<Procedure>(content, name);
            ProcedureCheck.Check(procedure, titles, name);
            foreach (var other in read.Where(p => p.Title == procedure.Title || p.Id == procedure.Id))
            {
                if (other.Id != procedure.Id || other.Title != procedure.Title) throw new InvalidDataException($"{name}: procedure: a title has one procedure");
                if (other.Version == procedure.Version) throw new InvalidDataException($"{name}: version: \"{procedure.Version}\" stands in two files");
                if (other.InForce(procedure.ValidFrom) || procedure.InForce(other.ValidFrom))
                    throw new InvalidDataException($"{name}: valid_from: overlaps version \"{other.Version}\"");
            }

            read.Add(procedure);
            contents[(procedure.Id, procedure.Version)] = content;
        }

        return new(titles, read, [.. LoadOverlays(folder, titles, contents)]) { Inheritance = ReadInheritance(Path.Combine(folder, InheritanceFile)) };
    }

    private static List<Procedure> LoadOverlays(string folder, List<KnownTitle> titles, Dictionary<(string Id, string Version), JsonObject> contents)
    {
        List<Procedure> effective = [];
        var overlays = Path.Combine(folder, OverlaysFolder);
        if (!Directory.Exists(overlays)) return effective;
        foreach (var file in Directory.GetFiles(overlays, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(folder, file).Replace('\\', '/');
            var overlay = Read<Overlay>(file, name);
            if (name.Split('/') is not [_, var province, _] || province != overlay.Province) throw new InvalidDataException($"{name}: province: is not the folder's");
            if (!ProcedureCheck.IsName(overlay.Id)) throw new InvalidDataException($"{name}: overlay: \"{overlay.Id}\" is no name");
            if (overlay.ValidTo < overlay.ValidFrom) throw new InvalidDataException($"{name}: valid_to: is before valid_from");
            if (!contents.TryGetValue((overlay.Procedure, overlay.Version), out var national))
                throw new InvalidDataException($"{name}: version: there is no national {overlay.Procedure} \"{overlay.Version}\"");

            var (content, applied) = overlay.Over(national, name);
            var procedure = Parse<Procedure>(content, name);
            if (procedure.Tier == "province") throw new InvalidDataException($"{name}: procedure: a province sets nothing over the way to its own title");
            ProcedureCheck.Check(procedure, titles, name);
            var result = procedure with { Version = overlay.EffectiveVersion, Overlay = applied };
            foreach (var other in effective.Where(p => p.Id == result.Id && p.Version.StartsWith($"{overlay.Version}+", StringComparison.Ordinal)))
            {
                if (other.Version == result.Version) throw new InvalidDataException($"{name}: overlay: \"{overlay.Id}\" stands in two files");
                if (other.Overlay!.Province != overlay.Province) continue;
                if (Covers(other.Overlay, overlay.ValidFrom) || overlay.InForce(other.Overlay.ValidFrom))
                    throw new InvalidDataException($"{name}: valid_from: overlaps overlay \"{other.Overlay.Id}\"");
            }

            effective.Add(result);
        }

        return effective;
    }

    private static bool Covers(AppliedOverlay overlay, DateOnly day) => overlay.ValidFrom <= day && day <= (overlay.ValidTo ?? DateOnly.MaxValue);

    /// <summary>The version that a dossier began under, with its province's file where it has one.</summary>
    public Procedure Version(string id, string version) => FindVersion(id, version)
        ?? throw new InvalidOperationException($"The procedure {id} has no file of version {version}, though a dossier follows it.");

    public Procedure? FindVersion(string id, string version) => procedures.Concat(overlaid).FirstOrDefault(p => p.Id == id && p.Version == version);

    /// <summary>The procedure's version in force on the day; null where there is none.</summary>
    public Procedure? Find(string id, DateOnly day) => procedures.FirstOrDefault(p => p.Id == id && p.InForce(day));

    /// <summary>The title's version in force on the day, else the one that ended last before it; null before there was any.</summary>
    public Procedure? LastOf(string title, DateOnly day) => procedures.Where(p => p.Title == title && p.ValidFrom <= day).MaxBy(p => p.ValidFrom);

    /// <summary>The procedure's last version, in force or not.</summary>
    public Procedure? Latest(string id) => procedures.Where(p => p.Id == id).MaxBy(p => p.ValidFrom);

    /// <summary>What holds in a province on the day: its file over the national version, else that version itself.</summary>
    public Procedure Effective(Procedure national, string? province, DateOnly day) =>
        OverlaysOf(national).FirstOrDefault(p => p.Overlay!.Province == province && Covers(p.Overlay, day)) ?? national;

    /// <summary>The effective procedures of provinces over a national version.</summary>
    public IEnumerable<Procedure> OverlaysOf(Procedure national) =>
        overlaid.Where(p => p.Id == national.Id && p.Version.StartsWith($"{national.Version}+", StringComparison.Ordinal));

    /// <summary>The procedure for the title on the day, or why there is none.</summary>
    public (Procedure? Procedure, Refusal? Refusal) For(string? title, DateOnly day)
    {
        if (string.IsNullOrEmpty(title)) return (null, new Faults().Required(title, "title").Refuse());
        if (procedures.FirstOrDefault(p => p.Title == title && p.InForce(day)) is { } procedure) return (procedure, null);
        return Titles.Any(t => t.Id == title)
            ? (null, Refusal.Invalid(
                "title", "procedure-unknown", $"Chưa có quy trình xét công nhận cho danh hiệu \"{title}\" vào ngày này.", $"There is no procedure for the title \"{title}\" on that day yet."))
            : (null, Refusal.Invalid("title", "title-unknown", $"Không có danh hiệu \"{title}\".", $"There is no title \"{title}\"."));
    }

    private static List<InheritanceRule> ReadInheritance(string file)
    {
        if (!File.Exists(file)) return [];
        var rules = Read<List<InheritanceRule>>(file, InheritanceFile);
        foreach (var (rule, at) in rules.Select((r, n) => (r, n)))
        {
            var known = rule.HeldBy is null or InheritanceRule.All && rule.Proposes is null or InheritanceRule.Lowest && rule.Year is null or InheritanceRule.Last;
            if (!known) throw new InvalidDataException($"{InheritanceFile}: $[{at}]: a rule that is not known here");
            if (rules.Take(at).Any(earlier => earlier.Covers(rule.From ?? DateOnly.MinValue) || rule.Covers(earlier.From ?? DateOnly.MinValue)))
                throw new InvalidDataException($"{InheritanceFile}: $[{at}].from: overlaps another rule");
        }

        return rules;
    }

    private static T Read<T>(string file, string name) => Parse<T>(File.ReadAllText(file), name);

    private static T Parse<T>(JsonObject content, string name) => Parse<T>(content.ToJsonString(), name);

    private static T Parse<T>(string content, string name)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(content, FileJson) ?? throw new InvalidDataException($"{name}: $: is null");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{name}: {exception.Path ?? "$"}: {exception.Message}", exception);
        }
    }
}
