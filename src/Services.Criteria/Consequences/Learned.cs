using JasperFx.Events;
using Marten;
using Marten.Events.Projections;
using Ntm.Contracts.Appraisal;

namespace Ntm.Criteria.Consequences;

/// <summary>A dossier, as Appraisal announced it last.</summary>
/// <param name="Id">The dossier's own id.</param>
/// <param name="Ended">Whether no step is left.</param>
public sealed record KnownDossier(Guid Id, Guid UnitId, string Title, string State, bool Ended)
{
    public static KnownDossier Of(DossierState d) => new(d.Id, d.Unit.Id, d.Title, d.State, d.NextSteps.Count == 0);
}

/// <summary>A title of a unit, as Appraisal announced it last.</summary>
/// <param name="Id">The dossier that won it.</param>
/// <param name="To">Last day in force; null while in force.</param>
/// <param name="Status">in-force, revoked or succeeded.</param>
public sealed record KnownTitle(Guid Id, Guid UnitId, string Title, string DecisionNumber, DateOnly From, DateOnly? To, string Status)
{
    public static KnownTitle Of(RecognitionState r) => new(r.Dossier, r.Unit.Id, r.Title, r.DecisionNumber, r.From, r.To, r.Status);

    public bool InForce(DateOnly day) => From <= day && (To is null || day <= To);
}

/// <summary>What this service learned from Appraisal, by unit.</summary>
public sealed partial class LearnedRecognitions : EventProjection
{
    public LearnedRecognitions()
    {
        IncludeType<DossierMoved>();
        IncludeType<RecognitionChanged>();
        Options.DeleteViewTypeOnTeardown<KnownDossier>();
        Options.DeleteViewTypeOnTeardown<KnownTitle>();
    }

    public override ValueTask ApplyAsync(IDocumentOperations operations, IEvent e, CancellationToken cancellation)
    {
        if (e.Data is DossierMoved moved) operations.Store(KnownDossier.Of(moved.Dossier));
        else if (e.Data is RecognitionChanged changed) operations.Store(KnownTitle.Of(changed.Recognition));
        return ValueTask.CompletedTask;
    }
}
