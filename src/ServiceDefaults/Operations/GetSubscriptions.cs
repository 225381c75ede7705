using Microsoft.AspNetCore.Http;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.ServiceDefaults.Operations;

/// <summary>How the subscriptions of the service stand, for operators and auditors.</summary>
public static class GetSubscriptions
{
    /// <param name="State">Lag, queue and parked messages.</param>
    /// <param name="AwaitedReplays">Owners that have not sent all their facts yet.</param>
    /// <param name="OwnedHere">Whether the replica that answers owns the subscriptions.</param>
    public sealed record View(SubscriptionState State, IReadOnlyList<string> AwaitedReplays, bool OwnedHere);

    internal static async Task<IResult> Handle(HttpContext http, SubscriptionWatch watch, Introductions introductions, Subscriptions subscriptions, CancellationToken ct)
    {
        if (!OperationsModule.MayLook(http)) return Problems.Of(OperationsModule.OperatorsOnly);
        return TypedResults.Ok(new View(await watch.LookAsync(ct), [.. (await introductions.LoadAsync(ct)).Select(i => i.Id)], subscriptions.Owns));
    }
}
