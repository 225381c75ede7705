using JasperFx.Events;
using Marten.Events.Aggregation;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Queues;

/// <summary>What a dossier waits for, and for whom; what may be recorded beside is no work that waits.</summary>
/// <param name="Dossier">As much of the dossier as its next steps are told by; no ballot's choice, no remark, nobody's figures.</param>
/// <param name="Keys">Those who are asked (<see cref="WorkKeys"/>).</param>
/// <param name="DueDay">The nearest last day among the steps, as a number of days; the largest number where none is set.</param>
/// <param name="IsOpen">Whether anything is waited for.</param>
public sealed record OpenSteps(string Id, Dossier Dossier, IReadOnlyList<NextStep> Steps, IReadOnlyList<string> Keys, int DueDay, bool IsOpen)
{
    /// <param name="on">Day by which roles are told. Without the calendar, which other facts bring: a last day in working days is told by the dossier alone.</param>
    public static OpenSteps Of(Dossier dossier, ProcedureBook book, DateOnly on)
    {
        NextStep[] steps = [.. dossier.NextSteps(book.Version(dossier.Procedure, dossier.ProcedureVersion), on, calendar: null).Where(s => s.Required != false)];
        return new(
            dossier.Id, Needed(dossier), steps, [.. steps.SelectMany(s => WorkKeys.Of(s, dossier.Unit.Id)).Distinct(StringComparer.Ordinal)],
            steps.Min(s => s.Due)?.DayNumber ?? int.MaxValue, steps.Length > 0);
    }

    private static Dossier Needed(Dossier dossier) => dossier with
    {
        Basis = dossier.Basis with { Reports = [], Confirmations = [], Persons = [], Entered = [] },
        Steps = [.. dossier.Steps.Select(s => s with { Facts = null })],
        Ballots = [.. dossier.Ballots.Select(b => b with { Vote = "", Remark = null })],
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
    }

    public override OpenSteps? Evolve(OpenSteps? snapshot, string id, IEvent e) =>
        e.Data is DossierOpened opened ? OpenSteps.Of(Dossier.Create(opened), book, VietnamTime.DayOf(e.Timestamp))
        : snapshot is null ? null : OpenSteps.Of(snapshot.Dossier.When(e.Data), book, VietnamTime.DayOf(e.Timestamp));
}
