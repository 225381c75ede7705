using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>
/// The Front begins its survey of satisfaction (bắt đầu lấy ý kiến hài lòng): from that day its time runs, by HD 90/HD-MTTW-BTT twenty days
/// without Saturdays and Sundays, and the summary is waited for. A later start corrects an earlier one.
/// </summary>
public static class StartSurvey
{
    /// <param name="Date">First day of collecting; not before the dossier's day (HD 90/HD-MTTW-BTT: once the dossier is begun), not in the future.</param>
    public sealed record Body(DateOnly? Date);

    public static Decision Decide(Dossier dossier, Body body, string by, DateTimeOffset now)
    {
        var faults = new Faults()
            .NotInFuture(body.Date, "date", VietnamTime.DayOf(now))
            .Unless(!(body.Date < dossier.Day), "date", $"Không được trước ngày lập hồ sơ ({dossier.Day:dd/MM/yyyy}).", $"Must not be before the dossier's day ({dossier.Day:yyyy-MM-dd}).", "HD 90/HD-MTTW-BTT");
        return faults.Refuse() is { } refusal ? refusal : Decision.Record(new SurveyStarted(body.Date!.Value, by, now));
    }

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, StepIds.Survey, a => Decide(a.Dossier, body, a.By, a.Now), within: true);
}
