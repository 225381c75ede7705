namespace Ntm.Contracts.Appraisal;

/// <summary>A dossier (hồ sơ) when it moved along its procedure.</summary>
/// <param name="State">State of the dossier; the last step taken, or <c>refused</c>, <c>returned</c>, <c>published</c>.</param>
/// <param name="Step">The step that was just taken.</param>
public sealed record DossierState(
    Guid Id, UnitRef Unit, string Title, string State, string Step, long Version, IReadOnlyList<NextStep> NextSteps);

/// <summary>A dossier was opened or took a step.</summary>
public sealed record DossierMoved(Origin Origin, DossierState Dossier) : IIntegrationEvent;

/// <summary>An entry of the register of recognitions.</summary>
/// <param name="From">Day of the decision: the title is in force from then.</param>
/// <param name="To">Last day in force; null while in force.</param>
/// <param name="Status">in-force, revoked or succeeded.</param>
public sealed record RecognitionState(
    Guid Dossier, UnitRef Unit, string Title, string DecisionNumber, DateOnly DecisionDate, string LegalBasis,
    DateOnly From, DateOnly? To, string Status, DateOnly? PublishedOn, string? PublishedWhere);

/// <summary>A title was recognised by decision, published, revoked or succeeded.</summary>
public sealed record RecognitionChanged(Origin Origin, RecognitionState Recognition) : IIntegrationEvent;
