using Marten;
using Npgsql;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Confirmations;

/// <summary>
/// Whoever confirms a condition brings in the document behind it: its kind of file is told by its content, at most 20 MB, and the same
/// content is kept once, also where it lies in dossiers. A confirmation that names it afterwards says that it is held.
/// </summary>
public static class BringDocument
{
    private const int MostDocuments = 200;
    private const string Unnamed = "tai-lieu";

    /// <summary>Nothing where the condition has the same already.</summary>
    public static Decision Decide(IReadOnlyList<KeptDocument> kept, ConditionDocumentBrought document)
    {
        if (kept.Any(d => d.IsNamed(document.Sha256))) return Decision.Record();
        return kept.Count < MostDocuments
            ? Decision.Record(document)
            : Refusal.Conflict("too-many-documents", $"Điều kiện đã có {MostDocuments} tài liệu.", $"The condition has {MostDocuments} documents already.");
    }

    internal static Task<IResult> Handle(
        string unit, string condition, string? title, QueryDay? on, string? name, HttpContext http, Commands commands, UnitRegister units, ProcedureBook book) =>
        commands.Run(http, async (c, ct) =>
        {
            var (target, refusal) = Target.Resolve(await units.GetAsync(ct), book, unit, title, on?.Value ?? c.Today);
            if (target is null) return refusal!;
            if (target.Procedure.Condition(condition)?.ConfirmedBy is not { } confirmer) return ConfirmCondition.NoCondition(condition);
            if (!confirmer.Is(c.Actor, target, c.Today)) return Problems.OfStatus(403);

            var stream = await c.Session.Events.FetchForWriting<ConditionDocuments>(ConditionDocuments.Key(target.Unit.Id, target.Procedure.Title, condition), ct);
            var version = stream.StartingVersion ?? 0;
            if (c.IsStale(version)) return Refusal.Stale(version);
            var (file, unreadable) = await UploadedFile.ReadAsync(http, name, Unnamed, ct);
            if (file is null) return unreadable!;

            var brought = new ConditionDocumentBrought(
                target.Unit.Id, target.Procedure.Title, condition, file.Sha256, file.Content.Length, file.Kind.MediaType, file.Name, c.Actor.Person, c.Now);
            var kept = stream.Aggregate?.Items ?? [];
            var decision = Decide(kept, brought);
            if (decision.Refusal is { } no) return no;
            if (decision.Events.Count > 0)
            {
                stream.AppendMany(decision.Events);
                await c.Session.BeginTransactionAsync(ct);
                await AttachDocument.Files.InsertAsync(c.Session, file.Sha256, file.Content, ct);
                kept = ConditionDocuments.Create(brought).Items;
            }

            return Outcome.Created(
                kept.First(d => d.IsNamed(file.Sha256)), version + decision.Events.Count,
                $"/api/appraisal/confirmations/{target.Unit.Code}/{condition}/documents/{file.Sha256}?title={Uri.EscapeDataString(target.Procedure.Title)}");
        });

    /// <summary>For those who may read what was confirmed.</summary>
    internal static async Task<IResult> Download(
        string unit, string condition, string sha256, string? title, QueryDay? on, HttpContext http, IQuerySession session, UnitRegister units, ProcedureBook book,
        NpgsqlDataSource database, TimeProvider clock, CancellationToken ct)
    {
        var today = clock.Today();
        var (target, refusal) = Target.Resolve(await units.GetAsync(ct), book, unit, title, on?.Value ?? today);
        if (target is null) return Problems.Of(refusal!);
        if (target.Procedure.Condition(condition)?.ConfirmedBy is not { } confirmer) return Problems.Of(ConfirmCondition.NoCondition(condition));
        var actor = Actor.Of(http.User);
        if (!target.Tree.MayRead(actor, target.Unit.Id, target.Day, today) && !confirmer.Is(actor, target, today)) return Problems.Of(Problems.OfStatus(403));
        var kept = await ConditionDocuments.LoadAsync(session, target.Unit.Id, target.Procedure.Title, condition, ct);
        return kept.FirstOrDefault(d => d.IsNamed(sha256)) is { } document
            && await AttachDocument.Files.AnswerAsync(http, database, document.Sha256, document.Size, document.MediaType, document.Name, ct) is { } answer
            ? answer
            : Problems.Of(Refusal.NotFound("Điều kiện không có tài liệu này.", "The condition has no such document."));
    }
}
