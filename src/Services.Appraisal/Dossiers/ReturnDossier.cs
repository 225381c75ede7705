using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The province sends the dossier back with what is to be mended.</summary>
public static class ReturnDossier
{
    public sealed record Item(string? Indicator, string? Reason);

    public sealed record Body(string? Reason, IReadOnlyList<Item?>? Items);

    public static Decision Decide(ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        var reason = Prose.Clean(body.Reason);
        var faults = new Faults().Readable(reason, "reason")
            .Unless(body.Items is null or { Count: <= 500 }, "items", "Tối đa 500 mục.", "At most 500 items.");
        List<ReturnedItem> items = [];
        foreach (var item in body.Items ?? [])
        {
            var (indicator, why) = (Prose.Clean(item?.Indicator), Prose.Clean(item?.Reason));
            faults.Readable(indicator, $"items[{items.Count}].indicator", required: false, longest: 40).Readable(why, $"items[{items.Count}].reason");
            items.Add(new(indicator, why ?? ""));
        }

        return faults.Refuse() is { } refusal ? refusal : Decision.Record(new DossierReturned(reason!, items, step.To, by, now));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Return, a => Decide(a.Step, body, a.By, a.Now));
}
