using Marten;
using Microsoft.AspNetCore.Http;
using Ntm.ServiceDefaults;

namespace Ntm.Architecture.Tests.Examples.Inspections;

/// <summary>The inspected commune answers the findings, once.</summary>
internal static class AnswerInspection
{
    public sealed record Body(string? Measures);

    public static Decision Decide(Inspection inspection, Body body, string by, DateTimeOffset now)
    {
        if (new Faults().Required(body.Measures, "measures").Refuse() is { } faults) return faults;
        return inspection.Answered
            ? Refusal.Conflict("inspection-answered", "Kết quả kiểm tra đã được trả lời.", "This inspection is answered already.")
            : Decision.Record(new InspectionAnswered(body.Measures!, by, now));
    }

    public static Task<IResult> Handle(HttpContext http, Guid id, Body body, Commands commands, UnitRegister register) => commands.Run(http, async (c, ct) =>
    {
        var stream = await c.Session.Events.FetchForWriting<Inspection>(Inspection.Key(id), ct);
        if (stream.Aggregate is not { } inspection) return Refusal.NotFound("Không có cuộc kiểm tra này.", "No such inspection.");
        var tree = await register.GetAsync(ct);
        if (!tree.ActsAs(c.Actor, Roles.CommuneOfficer, inspection.Unit, c.Today))
            return Refusal.Forbidden("Chỉ xã được kiểm tra trả lời.", "Only the inspected commune answers.");
        if (c.IsStale(inspection.Version)) return Refusal.Stale(inspection.Version);

        var decision = Decide(inspection, body, c.Actor.Person, c.Now);
        if (decision.Refusal is { } refusal) return refusal;
        stream.AppendMany(decision.Events);
        return Outcome.Ok(Inspection.Fold(inspection, inspection.Id, decision.Events[0])!, inspection.Version + 1);
    });
}
