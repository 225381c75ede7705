using System.Text.Json;
using System.Text.Json.Serialization;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Procedures;

/// <summary>All procedures by version. A dossier keeps the version that it began under.</summary>
public sealed class ProcedureBook
{
    private const string TitlesFile = "titles.json";

    private static readonly JsonSerializerOptions FileJson = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
    };

    private readonly IReadOnlyList<Procedure> procedures;

    public ProcedureBook(IReadOnlyList<KnownTitle> titles, IReadOnlyList<Procedure> procedures) => (Titles, this.procedures) = (titles, procedures);

    public IReadOnlyList<KnownTitle> Titles { get; }

    /// <summary>Reads and checks the folder; what the code could not follow stops the start, naming file and place.</summary>
    public static ProcedureBook Load(string folder)
    {
        var titles = Read<List<KnownTitle>>(Path.Combine(folder, TitlesFile));
        List<Procedure> read = [];
        foreach (var file in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(file);
            if (name == TitlesFile) continue;
            var procedure = Read<Procedure>(file);
            ProcedureCheck.Check(procedure, titles, name);
            foreach (var other in read.Where(p => p.Title == procedure.Title || p.Id == procedure.Id))
            {
                if (other.Id != procedure.Id || other.Title != procedure.Title) throw new InvalidDataException($"{name}: procedure: a title has one procedure");
                if (other.Version == procedure.Version) throw new InvalidDataException($"{name}: version: \"{procedure.Version}\" stands in two files");
                if (other.InForce(procedure.ValidFrom) || procedure.InForce(other.ValidFrom))
                    throw new InvalidDataException($"{name}: valid_from: overlaps version \"{other.Version}\"");
            }

            read.Add(procedure);
        }

        return new(titles, read);
    }

    /// <summary>The version that a dossier began under.</summary>
    public Procedure Version(string id, string version) => procedures.FirstOrDefault(p => p.Id == id && p.Version == version)
        ?? throw new InvalidOperationException($"The procedure {id} has no file of version {version}, though a dossier follows it.");

    /// <summary>The procedure's version in force on the day, else its latest.</summary>
    public Procedure? Find(string id, DateOnly day) =>
        procedures.FirstOrDefault(p => p.Id == id && p.InForce(day)) ?? procedures.Where(p => p.Id == id).MaxBy(p => p.ValidFrom);

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

    private static T Read<T>(string file)
    {
        try
        {
            using var content = File.OpenRead(file);
            return JsonSerializer.Deserialize<T>(content, FileJson) ?? throw new InvalidDataException($"{Path.GetFileName(file)}: $: is null");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{Path.GetFileName(file)}: {exception.Path ?? "$"}: {exception.Message}", exception);
        }
    }
}
