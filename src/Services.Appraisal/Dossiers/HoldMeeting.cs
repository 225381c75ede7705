using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>
/// The meeting that votes on the proposal is recorded with its count. Whether it passed is an exact fraction of those attending; a lost
/// one stands as well, and nothing is submitted after it until another one has passed.
/// </summary>
public static class HoldMeeting
{
    private const int Most = 100_000;

    /// <param name="Abstain">Left out as none.</param>
    public sealed record Body(DateOnly? Date, int? Attending, int? For, int? Against, int? Abstain = null, IReadOnlyList<string?>? Documents = null);

    public static Decision Decide(Dossier dossier, ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        var abstain = body.Abstain ?? 0;
        var faults = new Faults()
            .NotInFuture(body.Date, "date", VietnamTime.DayOf(now))
            .Required(body.Attending, "attending").Required(body.For, "for").Required(body.Against, "against")
            .Unless(body.Attending is null or (> 0 and <= Most), "attending", $"Phải từ 1 đến {Most}.", $"Must be from 1 to {Most}.")
            .Unless(body.For is null or >= 0, "for", "Không được âm.", "Must not be negative.")
            .Unless(body.Against is null or >= 0, "against", "Không được âm.", "Must not be negative.")
            .Unless(abstain >= 0, "abstain", "Không được âm.", "Must not be negative.")
            .Unless(
                body.Attending is null || (long)(body.For ?? 0) + (body.Against ?? 0) + abstain <= body.Attending,
                "attending", "Tổng số phiếu không được vượt số người dự.", "There are more votes than people attending.");
        var documents = faults.Held(dossier, body.Documents, "documents");
        if (faults.Refuse() is { } refusal) return refusal;
        var (attending, agreed) = (body.Attending!.Value, body.For!.Value);
        return Decision.Record(new MeetingHeld(
            new(body.Date!.Value, attending, agreed, body.Against!.Value, abstain, step.Pass!.Share?.IsReached(agreed, attending), step.Pass.Share?.ToString(), documents), by, now));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Meeting, a => Decide(a.Dossier, a.Step, body, a.By, a.Now));
}
