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
/// <param name="Keys">Those who are asked (<see cref="WorkKeys"/>).</param>
/// <param name="DueDay">The nearest last day among the steps that no calendar moves, as a number of days; the largest number where none is set.</param>
/// <param name="IsOpen">Whether anything is waited for.</param>
/// <param name="Times">Times of the steps whose last day goes by the calendar, which other facts bring: their days are told when the queue is read. Null for none.</param>
/// <param name="ByCalendar">Whether there are any such.</param>
public sealed record OpenSteps(
    string Id, Dossier Dossier, IReadOnlyList<NextStep> Steps, IReadOnlyList<string> Keys, int DueDay, bool IsOpen,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, StepTime>? Times = null, bool ByCalendar = false)
{
    /// <param name="on">Day by which roles are told.</param>
    public static OpenSteps Of(Dossier dossier, ProcedureBook book, DateOnly on)
    {
        var procedure = book.Version(dossier.Procedure, dossier.ProcedureVersion);
        IReadOnlyList<NextStep> steps = [.. dossier.NextSteps(procedure, on, calendar: null).Where(s => s.Required != false), .. dossier.FlagSteps(procedure)];
        var times = (from next in steps
                     let step = procedure.Step(next.Step)
                     where step is not null && step.Deadline.GoesByCalendar()
                     let time = dossier.TermOf(step)
                     where time is not null
                     select (next.Step, time)).ToDictionary(t => t.Step, t => t.time, StringComparer.Ordinal);
        return new(
            dossier.Id, Needed(dossier), [.. steps.Select(s => times.ContainsKey(s.Step) ? s with { Due = null } : s)],
            [.. steps.SelectMany(s => WorkKeys.Of(s, dossier.Unit.Id)).Distinct(StringComparer.Ordinal)],
            NearestOf(steps.Where(s => !times.ContainsKey(s.Step)).Min(s => s.Due)), steps.Count > 0, times.Count == 0 ? null : times, times.Count > 0);
    }

    public static int NearestOf(DateOnly? due) => due?.DayNumber ?? int.MaxValue;

    private static Dossier Needed(Dossier dossier) => dossier with
    {
        Basis = dossier.Basis with { Reports = [], Confirmations = [], Persons = [] },
        Steps = [.. dossier.Steps.Select(s => s with { Facts = null })],
        Ballots = [.. dossier.Ballots.Select(b => b with { Vote = "", Remark = null, Sealed = null })],
        Flags = [.. dossier.Flags.Select(f => f with { Then = null, Now = null, Answer = f.Answer is null ? null : f.Answer with { Reason = "" } })],
        Documents = [.. dossier.Documents.Select(d => d with { Name = "", By = "" })],
        Remarks = [.. dossier.Remarks.Select(r => r with { Of = null, Text = "", Answer = r.Answer is null ? null : r.Answer with { Answer = "" } })],
        Survey = null,
        Opinions = [],
    };
}

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
