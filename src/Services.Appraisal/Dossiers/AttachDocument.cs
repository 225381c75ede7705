using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>Whoever takes a step of the dossier brings a document into it; its kind of file is told by its content, at most 20 MB, and it is kept once.</summary>
public static class AttachDocument
{
    public const string Step = "documents";
    public const string Evidence = "evidence";
    public const string Other = "other";
    private const int MostDocuments = 500;
    private const string Unnamed = "tai-lieu";

    /// <summary>Contents of documents of all dossiers; what a dossier names is never removed.</summary>
    public static readonly ContentTable Files = new("document_content");

    /// <summary>Nothing where the dossier has the same under the same kind.</summary>
    public static Decision Decide(Dossier dossier, Procedure procedure, string? kind, DocumentAttached document)
    {
        string[] kinds = [.. procedure.Steps.SelectMany(s => s.Documents ?? []).Select(d => d.Kind).Append(Evidence).Append(Other).Distinct(StringComparer.Ordinal)];
        var faults = new Faults().Required(kind, "kind")
            .Unless(kind is null || kinds.Contains(kind), "kind", $"Phải là một trong: {string.Join(", ", kinds)}.", $"Must be one of: {string.Join(", ", kinds)}.");
        if (faults.Refuse() is { } refusal) return refusal;
        if (dossier.Documents.Exists(d => d.Kind == kind && d.Sha256 == document.Sha256)) return Decision.Record();
        return dossier.Documents.Count < MostDocuments
            ? Decision.Record(document)
            : Refusal.Conflict("too-many-documents", $"Hồ sơ đã có {MostDocuments} tài liệu.", $"The dossier has {MostDocuments} documents already.");
    }

    /// <summary>The first refusal before the document is looked at: no step of the dossier is the caller's 403, or none comes any more 409.</summary>
    public static Refusal? Refuses(Dossier dossier, Procedure procedure, UnitTree tree, Actor actor, DateOnly today)
    {
        if (!procedure.Steps.Any(s => dossier.MayTake(s, tree, actor, today) && (s.Persons is null || (dossier.Council is not null && !dossier.IsForOthers(s, actor.Person))))) return Problems.OfStatus(403);
        return procedure.StepsFrom(dossier.State).Any() ? null : Refusal.Conflict("dossier-ended", "Hồ sơ đã kết thúc.", "The dossier has ended.");
    }

    internal static Task<IResult> Handle(Guid id, string? kind, string? name, HttpContext http, Commands commands, UnitRegister units, ProcedureBook book) =>
        commands.Run(http, Dossier.Key(id), async (c, ct) =>
        {
            var stream = await c.Session.Events.FetchForWriting<Dossier>(Dossier.Key(id), ct);
            if (stream.Aggregate is not { } dossier) return StepRunner.NoDossier;
            var procedure = book.Version(dossier.Procedure, dossier.ProcedureVersion);
            if (Refuses(dossier, procedure, await units.GetAsync(ct), c.Actor, c.Today) is { } forbidden) return forbidden;
            var version = stream.StartingVersion ?? 0;
            if (c.IsStale(version)) return Refusal.Stale(version);
            var (file, unreadable) = await UploadedFile.ReadAsync(http, name, Unnamed, ct);
            if (file is null) return unreadable!;

            var decision = Decide(dossier, procedure, kind, new(kind ?? "", file.Sha256, file.Content.Length, file.Kind.MediaType, file.Name, c.Actor.Person, c.Now));
            if (decision.Refusal is { } refusal) return refusal;
            if (decision.Events.Count > 0)
            {
                stream.AppendMany(decision.Events);
                await c.Session.BeginTransactionAsync(ct);
                await Files.InsertAsync(c.Session, file.Sha256, file.Content, ct);
            }

            var held = decision.Events.Aggregate(dossier, (d, e) => d.When(e)).Documents.FindLast(d => d.Kind == kind && d.Sha256 == file.Sha256)!;
            return Outcome.Created(held, version + decision.Events.Count, $"/api/appraisal/dossiers/{id}/documents/{file.Sha256}");
        });
}
