using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>
/// A meeting that votes on the proposal is recorded with its count: the unit's own (họp đề nghị), or that of a level above before the
/// council's (họp cấp huyện bỏ phiếu). Whether it passed is an exact fraction of those attending; a lost one stands as well, and nothing
/// goes on after it until another one has passed.
/// </summary>
public static class HoldMeeting
{
    private const int Most = 100_000;

    /// <param name="Abstain">Left out as none.</param>
    /// <param name="Ballot"><c>secret</c> or <c>open</c>, where it is known and the procedure does not set it.</param>
    public sealed record Body(DateOnly? Date, int? Attending, int? For, int? Against, int? Abstain = null, IReadOnlyList<string?>? Documents = null, string? Ballot = null);

    public static Decision Decide(Dossier dossier, ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        if (dossier.RefuseSelfApproval(step, by) is { } self) return self;
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
                "attending", "Tổng số phiếu không được vượt số người dự.", "There are more votes than people attending.")
            .Unless(body.Ballot is null or CouncilSession.Open or CouncilSession.Secret, "ballot", "Phải là open hoặc secret.", "Must be open or secret.")
            .Unless(
                step.Ballot is null || body.Ballot is null || body.Ballot == step.Ballot, "ballot",
                $"Quy trình quy định hình thức bỏ phiếu: {step.Ballot}.", $"The procedure sets the ballot: {step.Ballot}.", step.LegalRef);
        var documents = faults.Held(dossier, body.Documents, "documents");
        if (faults.Refuse() is { } refusal) return refusal;
        var (attending, agreed, votes) = (body.Attending!.Value, body.For!.Value, body.For.Value + body.Against!.Value + abstain);
        return Decision.Record(new MeetingHeld(
            new(
                body.Date!.Value, attending, agreed, body.Against.Value, abstain, step.Pass!.IsReached(agreed, new(attending, attending, votes)), step.Pass.Share?.ToString(), documents,
                body.Ballot ?? step.Ballot),
            by, now, step.Id == StepIds.Meeting ? null : step.Id));
    }

    /// <param name="stepId">One of <see cref="StepIds.Meetings"/>.</param>
    internal static Delegate Of(string stepId) => (Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, stepId, a => Decide(a.Dossier, a.Step, body, a.By, a.Now));
}
