using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The visit on the spot is recorded: when, who took part, what was found.</summary>
public static class VisitField
{
    private const int MostParticipants = 100;
    private const int LongestName = 200;

    public sealed record Body(DateOnly? Date, IReadOnlyList<string?>? Participants, string? Findings, IReadOnlyList<string?>? Documents = null);

    public static Decision Decide(Dossier dossier, Body body, string by, DateTimeOffset now)
    {
        var text = Prose.Clean(body.Findings);
        var faults = new Faults()
            .NotInFuture(body.Date, "date", VietnamTime.DayOf(now))
            .Readable(text, "findings")
            .Unless(body.Participants is null or { Count: <= MostParticipants }, "participants", $"Tối đa {MostParticipants} người.", $"At most {MostParticipants} people.");
        List<string> participants = [];
        foreach (var name in (body.Participants ?? []).Take(MostParticipants).Select(Prose.Clean))
        {
            faults.Readable(name, $"participants[{participants.Count}]", longest: LongestName, lines: false);
            participants.Add(name ?? "");
        }

        var documents = faults.Held(dossier, body.Documents, "documents");
        return faults.Refuse() is { } refusal ? refusal : Decision.Record(new FieldVisited(new(body.Date!.Value, participants, text!, documents), by, now));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.FieldVisit, a => Decide(a.Dossier, body, a.By, a.Now));
}
