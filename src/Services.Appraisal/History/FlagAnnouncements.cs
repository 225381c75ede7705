using JasperFx.Events;
using Marten;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.History;

/// <summary>Flags are announced when they are raised and when they are answered, without figures and reasons.</summary>
internal static class FlagAnnouncements
{
    public static IntegrationMap AnnounceFlags(this IntegrationMap map, ProcedureBook book) => map
        .On<BasisChanged>((e, session, ct) => FlaggedAsync(map, book, e, d => [.. d.Flags.TakeLast(e.Data.Corrections.Count).Select(f => f.No)], null, session, ct), typeof(DossierFlagged))
        // With the last answer the vote may be closed: whoever closes it is asked.
        .On<BasisFlagAnswered>(
            async (e, session, ct) =>
            [
                .. await FlaggedAsync(map, book, e, _ => [], e.Data.No, session, ct),
                .. await DossierAnnouncements.RecordedAsync(map, book, e, $"flags/{e.Data.No}/answer", session, ct),
            ],
            typeof(DossierFlagged), typeof(DossierMoved));

    private static async Task<IReadOnlyList<IIntegrationEvent>> FlaggedAsync(
        IntegrationMap map, ProcedureBook book, IEvent e, Func<Dossier, int[]> raised, int? answered, IQuerySession session, CancellationToken ct)
    {
        var dossier = await session.Events.AggregateStreamAsync<Dossier>(e.StreamKey!, version: e.Version, token: ct)
            ?? throw new InvalidOperationException($"The stream {e.StreamKey} has no dossier at version {e.Version}.");
        return [FlaggedOf(map, book, e, dossier, raised(dossier), answered)];
    }

    internal static DossierFlagged FlaggedOf(IntegrationMap map, ProcedureBook book, IEvent e, Dossier dossier, IReadOnlyList<int> raised, int? answered = null) => new(map.OriginOf(e), new(
        dossier.Number, dossier.Unit, dossier.Title, dossier.State, [.. dossier.Flags.Select(f => new DossierFlag(f.No, f.Kind, f.Item, f.Answer?.Answer))],
        raised, answered, [.. dossier.Council?.Members.Select(m => m.Person) ?? []],
        dossier.FlagSteps(book.Version(dossier.Procedure, dossier.ProcedureVersion), VietnamTime.DayOf(e.Timestamp))));
}
