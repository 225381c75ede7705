namespace Ntm.Contracts.Pilots;

/// <summary>A pilot model (mô hình thí điểm).</summary>
/// <param name="Kind">smart-village, smart-commune, e-commerce-commune or central-pilot.</param>
/// <param name="Status">proposed or recognised.</param>
public sealed record PilotModelState(
    Guid Id, string Kind, UnitRef Unit, string? Village, string? Field, string Title, string Status);

/// <summary>A pilot model was proposed.</summary>
public sealed record PilotModelProposed(Origin Origin, PilotModelState Model) : IIntegrationEvent;
