using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The level between says that the dossier is complete, or in writing what it lacks; the return itself is a step of the province.</summary>
public static class CheckCompleteness
{
    private const int MostItems = 500;

    public sealed record Body(DateOnly? Date, bool? Complete, IReadOnlyList<string?>? Lacking = null, IReadOnlyList<string?>? Documents = null);

    public static Decision Decide(Dossier dossier, ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        var faults = new Faults()
            .NotInFuture(body.Date, "date", VietnamTime.DayOf(now))
            .Required(body.Complete, "complete")
            .Unless(body.Lacking is null or { Count: <= MostItems }, "lacking", $"Tối đa {MostItems} mục.", $"At most {MostItems} items.")
            .Unless(body.Complete != false || body.Lacking is { Count: > 0 }, "lacking", "Nêu những gì còn thiếu.", "Name what is lacking.")
            .Unless(body.Complete != true || body.Lacking is null or [], "lacking", "Hồ sơ đủ thì không có mục thiếu.", "A complete dossier lacks nothing.");
        List<string> lacking = [];
        foreach (var item in (body.Lacking ?? []).Take(MostItems).Select(Prose.Clean))
        {
            faults.Readable(item, $"lacking[{lacking.Count}]");
            lacking.Add(item ?? "");
        }

        var documents = faults.Held(dossier, body.Documents, "documents");
        return faults.Refuse() is { } refusal
            ? refusal
            : Decision.Record(new CompletenessChecked(new(body.Date!.Value, body.Complete!.Value, lacking, documents), by, now));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Completeness, a => Decide(a.Dossier, a.Step, body, a.By, a.Now));
}
