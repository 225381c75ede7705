using JasperFx.Events;
using Marten.Events.Aggregation;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Recognitions;

public sealed record RecognitionGranted(
    Guid Dossier, UnitRef Unit, string Title, string DecisionNumber, DateOnly DecisionDate, string LegalBasis, string By, DateTimeOffset At);

public sealed record RecognitionPublished(DateOnly Date, string Where, string By, DateTimeOffset At);

/// <summary>An entry of the public register of recognitions, under the unit as it was called then.</summary>
public sealed record Recognition(string Id, Guid UnitId, string Title, DateOnly From, DateOnly? To, RecognitionState State, bool Demonstration)
{
    public static string Key(Guid dossier) => $"recognition/{dossier}";
}

/// <summary>Keeps the register.</summary>
public sealed partial class RecognitionProjection : SingleStreamProjection<Recognition, string>
{
    public static Recognition Create(IEvent<RecognitionGranted> e)
    {
        var granted = e.Data;
        var state = new RecognitionState(
            granted.Dossier, granted.Unit, granted.Title, granted.DecisionNumber, granted.DecisionDate, granted.LegalBasis,
            granted.DecisionDate, null, "in-force", null, null);
        return new(Recognition.Key(granted.Dossier), granted.Unit.Id, granted.Title, state.From, state.To, state, e.IsDemonstration());
    }

    public Recognition Apply(RecognitionPublished e, Recognition entry) =>
        entry with { State = entry.State with { PublishedOn = e.Date, PublishedWhere = e.Where } };
}
