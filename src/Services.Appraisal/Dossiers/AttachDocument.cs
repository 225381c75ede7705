using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>Whoever takes a step that is open brings a document into the dossier, of a kind that a step of his demands, or evidence and other; its kind of file is told by its content, at most 20 MB, and it is kept once.</summary>
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
        string[] kinds = [.. procedure.Steps.SelectMany(s => s.Documents ?? []).Concat((procedure.PaperSteps ?? []).SelectMany(p => p.Documents ?? [])).Select(d => d.Kind).Append(Evidence).Append(Other).Distinct(StringComparer.Ordinal)];
        var faults = new Faults().Required(kind, "kind")
            .Unless(kind is null || kinds.Contains(kind), "kind", $"Phải là một trong: {string.Join(", ", kinds)}.", $"Must be one of: {string.Join(", ", kinds)}.");
        if (faults.Refuse() is { } refusal) return refusal;
        if (dossier.Documents.Exists(d => d.Kind == kind && d.Sha256 == document.Sha256)) return Decision.Record();
        return dossier.Documents.Count < MostDocuments
            ? Decision.Record(document)
            : Refusal.Conflict("too-many-documents", $"Hồ sơ đã có {MostDocuments} tài liệu.", $"The dossier has {MostDocuments} documents already.");
    }

    /// <summary>
    /// The first refusal before the document is looked at: no step of the dossier is the caller's, or none of those that demand the kind,
    /// 403; no step of the caller's is open in this state or led to it 409.
    /// </summary>
    /// <param name="kind">Null where it is not looked at.</param>
    public static Refusal? Refuses(Dossier dossier, Procedure procedure, UnitTree tree, Actor actor, DateOnly today, string? kind = null)
    {
        ProcedureStep[] own =
        [
            .. procedure.Steps.Where(s => dossier.MayTake(s, tree, actor, today) && (s.Persons is null || (dossier.Council is not null && !dossier.IsForOthers(s, actor.Person)))),
        ];
        if (own.Length == 0) return Problems.OfStatus(403);
        if (!procedure.StepsFrom(dossier.State).Any()) return Refusal.Conflict("dossier-ended", "Hồ sơ đã kết thúc.", "The dossier has ended.");
        // The paper of a step may be there only once the step is taken: minutes, a certificate.
        if (!Array.Exists(own, s => s.From.Contains(dossier.State) || s.LeadsTo == dossier.State || s.RefusedTo == dossier.State))
            return Refusal.Conflict("no-step-open", "Ở trạng thái này không có bước nào dành cho bạn.", "In this state no step is yours.");
        bool Demands(IReadOnlyList<DemandedDocument>? documents) => documents?.Any(d => d.Kind == kind) == true;
        PaperStep[] papers = [.. (procedure.PaperSteps ?? []).Where(p => Demands(p.Documents))];
        return (papers.Length == 0 && !procedure.Steps.Any(s => Demands(s.Documents)))
            || Array.Exists(own, s => Demands(s.Documents))
            || Array.Exists(papers, p => p.TakenBy(today) is var (roles, of) && dossier.Acts(roles, of, tree, actor, today))
            ? null
            : Refusal.Forbidden($"Loại tài liệu \"{kind}\" do cơ quan khác nộp.", $"Documents of the kind \"{kind}\" are brought in by others.", "kind-of-others");
    }

    internal static Task<IResult> Handle(Guid id, string? kind, string? name, HttpContext http, Commands commands, UnitRegister units, ProcedureBook book) =>
        commands.Run(http, Dossier.Key(id), async (c, ct) =>
        {
            var stream = await c.Session.Events.FetchForWriting<Dossier>(Dossier.Key(id), ct);
            if (stream.Aggregate is not { } dossier) return StepRunner.NoDossier;
            var procedure = book.Version(dossier.Procedure, dossier.ProcedureVersion);
            if (Refuses(dossier, procedure, await units.GetAsync(ct), c.Actor, c.Today, kind) is { } forbidden) return forbidden;
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
