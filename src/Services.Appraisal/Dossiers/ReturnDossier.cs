using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The province sends the dossier back with what is to be mended.</summary>
public static class ReturnDossier
{
    private const int MostItems = 500;

    public sealed record Item(string? Indicator, string? Reason);

    public sealed record Body(string? Reason, IReadOnlyList<Item?>? Items);

    public static Decision Decide(ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        var reason = Prose.Clean(body.Reason);
        var faults = new Faults().Readable(reason, "reason");
        var items = Read(faults, body.Items);
        return faults.Refuse() is { } refusal ? refusal : Decision.Record(new DossierReturned(reason!, items, step.To, by, now));
    }

    /// <summary>What is to be mended, or is not enough, of a dossier that goes back or ends.</summary>
    internal static List<ReturnedItem> Read(Faults faults, IReadOnlyList<Item?>? items)
    {
        faults.Unless(items is null or { Count: <= MostItems }, "items", $"Tối đa {MostItems} mục.", $"At most {MostItems} items.");
        List<ReturnedItem> read = [];
        foreach (var item in (items ?? []).Take(MostItems))
        {
            var (indicator, why) = (Prose.Clean(item?.Indicator), Prose.Clean(item?.Reason));
            faults.Readable(indicator, $"items[{read.Count}].indicator", required: false, longest: 40).Readable(why, $"items[{read.Count}].reason");
            read.Add(new(indicator, why ?? ""));
        }

        return read;
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Return, a => Decide(a.Step, body, a.By, a.Now));
}
