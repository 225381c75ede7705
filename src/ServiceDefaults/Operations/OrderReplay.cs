using Microsoft.AspNetCore.Http;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.ServiceDefaults.Operations;

/// <summary>An operator has the owners send all their facts again to this service; what it knows already has no effect a second time.</summary>
public static class OrderReplay
{
    internal const string Stream = "operations";

    /// <param name="Owner">One owner; all of them when left out.</param>
    public sealed record Body(string? Owner);

    public sealed record View(string Consumer, IReadOnlyList<string> Owners);

    internal static Task<IResult> Handle(Body body, HttpContext http, Commands commands, Introductions introductions) =>
        commands.Run(http, Stream, async (c, ct) =>
        {
            if (!c.Actor.Has(Roles.Operator)) return OperationsModule.OperatorsOnly;
            if (body.Owner is not null && !introductions.Owners.Contains(body.Owner))
            {
                return Refusal.Invalid(
                    "owner", "unknown-owner", $"owner là {string.Join(", ", introductions.Owners)}.", $"owner is one of {string.Join(", ", introductions.Owners)}.");
            }

            IReadOnlyList<string> owners = body.Owner is null ? introductions.Owners : [body.Owner];
            var version = (await c.Session.Events.FetchStreamStateAsync(Stream, ct))?.Version ?? 0;
            if (c.IsStale(version)) return Refusal.Stale(version);
            var ordered = new ReplayOrdered(owners, c.Actor.Person, c.Now);
            if (version == 0) c.Session.Events.StartStream(Stream, ordered);
            else c.Session.Events.Append(Stream, version + 1, ordered);
            // Whoever owns the subscriptions finds that it has to ask.
            foreach (var owner in owners) c.Session.Store(new Introduced(owner, Waiting: true));
            return Outcome.Created(new View(introductions.Service, owners), version + 1, $"/api/{introductions.Service}/operations/subscriptions");
        });
}
