using System.Text.Json.Serialization;
using JasperFx.Events;
using Marten.Events.Aggregation;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Queues;

/// <summary>What a dossier waits for, and for whom; what may be recorded beside is no work that waits.</summary>
/// <param name="Dossier">As much of the dossier as its next steps are told by; no ballot's choice, no remark, nobody's figures.</param>
/// <param name="Steps">With those who are asked from the day of the last event on.</param>
/// <param name="Keys">Those who are asked, on whatever day (<see cref="WorkKeys"/>).</param>
/// <param name="DueDay">The nearest last day among the steps that no calendar moves, as a number of days; the largest number where none is set.</param>
/// <param name="IsOpen">Whether anything is waited for.</param>
/// <param name="Times">Times of the steps whose last day goes by the calendar, which other facts bring: their days are told when the queue is read. Null for none.</param>
/// <param name="ByCalendar">Whether its place is told when the queue is read: by the calendar, or because not all who are asked have the same nearest last day.</param>
/// <param name="Later">The steps from later days on, where others are asked then; the first day first, null where it stays so.</param>
public sealed record OpenSteps(
    string Id, Dossier Dossier, IReadOnlyList<NextStep> Steps, IReadOnlyList<string> Keys, int DueDay, bool IsOpen,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, StepTime>? Times = null, bool ByCalendar = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<StepsFrom>? Later = null)
{
    /// <param name="on">Day from which roles are told.</param>
    public static OpenSteps Of(Dossier dossier, ProcedureBook book, DateOnly on)
    {
        var procedure = book.Version(dossier.Procedure, dossier.ProcedureVersion);
        IReadOnlyList<NextStep> now = Told(on);
        StepsFrom[] later = [.. ChangesAfter(on).Select(day => new StepsFrom(day, Told(day)))];
        IReadOnlyList<NextStep> all = [.. now, .. later.SelectMany(l => l.Steps)];
        var times = (from id in all.Select(s => s.Step).Distinct(StringComparer.Ordinal)
                     let step = procedure.Step(id)
                     where step is not null && step.Deadline.GoesByCalendar()
                     let time = dossier.TermOf(step)
                     where time is not null
                     select (Step: id, Time: time)).ToDictionary(t => t.Step, t => t.Time, StringComparer.Ordinal);
        var days = all.SelectMany(s => WorkKeys.Of(s, dossier.Unit.Id).Select(key => (Key: key, s.Due))).GroupBy(k => k.Key, k => k.Due, StringComparer.Ordinal).ToList();
        return new(
            dossier.Id, Needed(dossier), Kept(now), [.. days.Select(d => d.Key)], NearestOf(all.Where(s => !times.ContainsKey(s.Step)).Min(s => s.Due)), all.Count > 0,
            times.Count == 0 ? null : times, times.Count > 0 || days.Select(d => d.Min()).Distinct().Count() > 1,
            later.Length == 0 ? null : [.. later.Select(l => l with { Steps = Kept(l.Steps) })]);

        IReadOnlyList<NextStep> Told(DateOnly day) => [.. dossier.NextSteps(procedure, day, calendar: null).Where(s => s.Required != false), .. dossier.FlagSteps(procedure, day)];

        IReadOnlyList<NextStep> Kept(IReadOnlyList<NextStep> steps) => [.. steps.Select(s => times.ContainsKey(s.Step) ? s with { Due = null } : s)];

        // Also of steps beside: one that nobody may take any more is not waited for.
        IEnumerable<DateOnly> ChangesAfter(DateOnly day) =>
            procedure.Steps.SelectMany(s => s.Actors ?? []).Select(a => a.From).OfType<DateOnly>().Where(from => from > day).Distinct().Order();
    }

    /// <summary>The steps with those who are asked on the day.</summary>
    public static IReadOnlyList<NextStep> On(IReadOnlyList<NextStep> steps, IReadOnlyList<StepsFrom>? later, DateOnly day) => later?.LastOrDefault(l => l.From <= day)?.Steps ?? steps;

    public static int NearestOf(DateOnly? due) => due?.DayNumber ?? int.MaxValue;

    private static Dossier Needed(Dossier dossier) => dossier with
    {
        Basis = dossier.Basis with { Reports = [], Confirmations = [], Persons = [] },
        Steps = [.. dossier.Steps.Select(s => s with { Facts = null })],
        Ballots = [.. dossier.Ballots.Select(b => b with { Vote = "", Remark = null, Sealed = null })],
        Flags = [.. dossier.Flags.Select(f => f with { Then = null, Now = null, Before = null, Answer = f.Answer is null ? null : f.Answer with { Reason = "" } })],
        ToldReports = [],
        Documents = [.. dossier.Documents.Select(d => d with { Name = "", By = "" })],
        Remarks = [.. dossier.Remarks.Select(r => r with { Of = null, Text = "", Answer = r.Answer is null ? null : r.Answer with { Answer = "" } })],
        // Whether it failed stops the way.
        Survey = dossier.Survey is { } survey ? survey with { Questions = [], Parts = [], Rules = [], Documents = [] } : null,
        Opinions = [],
        Contributors = [],
    };
}

/// <summary>What is waited for from a day on.</summary>
public sealed record StepsFrom(DateOnly From, IReadOnlyList<NextStep> Steps);

/// <summary>Keeps what every dossier waits for.</summary>
public sealed partial class OpenStepsProjection : SingleStreamProjection<OpenSteps, string>
{
    private readonly ProcedureBook book;

    public OpenStepsProjection(ProcedureBook book)
    {
        this.book = book;
        foreach (var type in StoredEvents.Names.Values.Where(t => t.Namespace == typeof(DossierOpened).Namespace)) IncludeType(type);
        IncludeType<BasisChanged>();
        IncludeType<BasisFlagAnswered>();
    }

    public override OpenSteps? Evolve(OpenSteps? snapshot, string id, IEvent e) =>
        e.Data is DossierOpened opened ? OpenSteps.Of(Dossier.Create(opened), book, VietnamTime.DayOf(e.Timestamp))
        : snapshot is null ? null : OpenSteps.Of(snapshot.Dossier.When(e.Data), book, VietnamTime.DayOf(e.Timestamp));
}
