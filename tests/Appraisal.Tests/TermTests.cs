using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>From when a step's time runs where the file names no step that it is counted from.</summary>
public sealed class TermTests
{
    private static readonly Dossier Submitted = Given.Opened().Apply(new DossierSubmitted("submitted", "an", At(3)));
    private static readonly Dossier Again = Submitted.Apply(new DossierReturned("Thiếu", [], "returned", "po", At(5))).Apply(new DossierSubmitted("submitted", "an", At(12)));

    [Theory]
    [InlineData("restart", "2026-08-17")]
    [InlineData("pause", "2026-08-17")]
    [InlineData(null, null)]
    public void A_return_does_to_it_what_the_file_says_and_else_no_day_is_told(string? onReturn, string? due)
    {
        // Submitted on Monday 3 August 2026, returned two days later, submitted again on Wednesday 12: of five days three are left after a pause.
        var step = Given.Step(StepIds.Accept) with { Deadline = new(5, "calendar_days", "internal", OnReturn: onReturn) };
        Assert.Equal(new DateOnly(2026, 8, 10), Submitted.TermOf(step)?.Due(null));
        Assert.Equal(due is null ? null : Day(due), Again.TermOf(step)?.Due(null));
        Assert.Equal(onReturn switch { "pause" => 1, null => null, _ => 0 }, Again.TermOf(step)?.Ran.Count);
    }

    [Fact]
    public void What_the_return_itself_begins_is_counted_from_the_last_return()
    {
        var step = Given.Step(StepIds.Submit) with { Deadline = new(10, "calendar_days", "internal") };
        Assert.Equal(new(2026, 8, 20), Again.Apply(new DossierReturned("Thiếu", [], "returned", "po", At(20))).TermOf(step)?.Since);
        Assert.Equal(VietnamTime.DayOf(Given.Now), Given.Opened().TermOf(step)?.Since);
    }

    [Fact]
    public void What_is_recorded_meanwhile_does_not_begin_it_anew()
    {
        var step = Given.Step(StepIds.Accept) with { Deadline = new(5, "calendar_days", "internal", OnReturn: "restart") };
        var recorded = Again.Apply(new PaperRecorded(StepIds.Forward, new(new(2026, 8, 14), null, null, []), "hn", At(14)));
        Assert.Equal(new(2026, 8, 12), recorded.TermOf(step)?.Since);
    }

    private static DateTimeOffset At(int day) => new(2026, 8, day, 9, 0, 0, VietnamTime.Offset);

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
