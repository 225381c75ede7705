using System.Globalization;
using JasperFx.Events;
using Marten;
using Microsoft.AspNetCore.Http;

namespace Ntm.ServiceDefaults.Operations;

/// <summary>Replays that operators ordered, the first one first, for operators and auditors.</summary>
public static class GetReplays
{
    /// <param name="Version">Number of the order, from 1.</param>
    /// <param name="Owners">Services that were asked for all their facts.</param>
    /// <param name="Person">Id of the operator.</param>
    /// <param name="Client">Client through which it was ordered.</param>
    public sealed record Item(long Version, IReadOnlyList<string> Owners, string Person, string Client, DateTimeOffset At);

    internal static async Task<IResult> Handle(HttpContext http, IDocumentStore store, string? after, int? limit, CancellationToken ct)
    {
        if (!OperationsModule.MayLook(http)) return Problems.Of(OperationsModule.OperatorsOnly);
        var faults = new Faults();
        var take = Paging.Limit(limit, faults);
        long last = 0;
        faults.Unless(after is null || long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out last), "after", "after là số của một lần yêu cầu.", "after is the number of an order.");
        if (faults.Refuse(400) is { } refusal) return Problems.Of(refusal);
        await using var session = store.QuerySession();
        var ordered = await session.Events.QueryAllRawEvents().Where(e => e.StreamKey == OrderReplay.Stream && e.Version > last).OrderBy(e => e.Version).Take(take + 1).ToListAsync(ct);
        var next = ordered.Count > take ? Paging.NextUrl(http, ordered[take - 1].Version.ToString(CultureInfo.InvariantCulture)) : null;
        return TypedResults.Ok(new Page<Item>([.. ordered.Take(take).OfType<IEvent<ReplayOrdered>>().Select(e => new Item(e.Version, e.Data.Owners, e.Data.By, e.ClientOf(), e.Data.At))], next));
    }
}
