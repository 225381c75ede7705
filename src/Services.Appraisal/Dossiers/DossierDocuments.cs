using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>A kind of document that a step demands, and what of it is there.</summary>
/// <param name="Required">Whether the step is refused without it.</param>
/// <param name="Sha256">Hashes of the documents of the kind, the first first.</param>
public sealed record DemandedView(string Kind, string NameVi, string NameEn, bool Required, string Mark, IReadOnlyList<string> Sha256);

/// <summary>What a step demands (thành phần hồ sơ).</summary>
/// <param name="Missing">Kinds of which nothing is there.</param>
public sealed record StepDocuments(string Step, IReadOnlyList<DemandedView> Demanded, IReadOnlyList<string> Missing);

/// <summary>The documents of a dossier, and what its steps demand.</summary>
public sealed record DocumentsView(IReadOnlyList<DossierDocument> Items, IReadOnlyList<StepDocuments> Steps)
{
    public static DocumentsView Of(Dossier dossier, Procedure procedure) => new(
        dossier.Documents,
        [
            .. from step in procedure.Steps
               where step.Documents is { Count: > 0 }
               let demanded = step.Documents!
                   .Select(d => new DemandedView(d.Kind, d.NameVi, d.NameEn, d.Required == true, d.Mark, [.. dossier.Documents.Where(held => held.Kind == d.Kind).Select(held => held.Sha256)]))
                   .ToArray()
               select new StepDocuments(step.Id, demanded, [.. demanded.Where(d => d.Sha256.Count == 0).Select(d => d.Kind)]),
        ]);
}

/// <summary>Documents named by a step's body.</summary>
internal static class DossierDocuments
{
    private const int Most = 20;

    /// <summary>The hashes, lower case; one that names no document of the dossier is a fault.</summary>
    public static IReadOnlyList<string> Held(this Faults faults, Dossier dossier, IReadOnlyList<string?>? named, string field)
    {
        faults.Unless((named?.Count ?? 0) <= Most, field, $"Nhiều nhất {Most} tài liệu.", $"At most {Most} documents.");
        List<string> held = [];
        foreach (var hash in (named ?? []).Take(Most).Select(h => h?.Trim().ToLowerInvariant() ?? ""))
        {
            faults.Unless(
                dossier.Documents.Exists(d => d.Sha256 == hash), field, "Hồ sơ không có tài liệu mang mã SHA-256 này; nộp tài liệu trước.", "The dossier has no document of this SHA-256; bring it in first.");
            held.Add(hash);
        }

        return held;
    }
}
