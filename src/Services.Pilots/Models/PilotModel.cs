using JasperFx.Events;
using Marten.Events.Aggregation;
using Ntm.ServiceDefaults;

namespace Ntm.Pilots.Models;

/// <summary>Kinds of pilot models (QĐ 924/QĐ-TTg; CV 3445/BNN-VPĐP; the province's plan, lines 2.4, 2.5 and task IV.2).</summary>
public static class ModelKinds
{
    public const string SmartVillage = "smart-village";
    public const string SmartCommune = "smart-commune";
    public const string ECommerceCommune = "e-commerce-commune";
    public const string CentralPilot = "central-pilot";

    public static readonly IReadOnlyList<string> All = [SmartVillage, SmartCommune, ECommerceCommune, CentralPilot];
}

/// <summary>How far a model has come.</summary>
public static class ModelStatus
{
    public const string Proposed = "proposed";
    public const string Recognised = "recognised";
}

/// <summary>A pilot model was proposed.</summary>
/// <param name="Unit">Id of the unit; its code and name are those of the day.</param>
/// <param name="Village">The village (thôn) of a smart village.</param>
/// <param name="Field">The leading field of a smart commune.</param>
public sealed record ModelProposed(
    Guid Id, string Kind, Guid Unit, string UnitCode, string UnitName, string? Village, string? Field, string Title, string By, DateTimeOffset At);

/// <summary>A pilot model as it stands.</summary>
/// <param name="Id">Key of its stream.</param>
/// <param name="Likeness">The same for two proposals of the same kind, unit, village and title.</param>
public sealed record PilotModel(
    string Id, Guid ModelId, string Kind, Guid Unit, string UnitCode, string UnitName, string? Village, string? Field, string Title,
    string Status, string ProposedBy, DateTimeOffset ProposedAt, string Likeness)
{
    public static string Key(Guid id) => $"model/{id}";

    public static PilotModel Of(ModelProposed e) => new(
        Key(e.Id), e.Id, e.Kind, e.Unit, e.UnitCode, e.UnitName, e.Village, e.Field, e.Title,
        ModelStatus.Proposed, e.By, e.At, LikenessOf(e.Kind, e.Unit, e.Village, e.Title));

    /// <summary>Letter case and runs of blanks make no other model.</summary>
    public static string LikenessOf(string kind, Guid unit, string? village, string title) =>
        DeterministicId.Of(kind, unit.ToString(), Plain(village), Plain(title)).ToString();

    private static string Plain(string? text) =>
        string.Join(' ', (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToUpperInvariant();
}

/// <summary>Keeps each model as it stands, in the transaction of its events.</summary>
public sealed partial class PilotModels : SingleStreamProjection<PilotModel, string>
{
    public static PilotModel Create(IEvent<ModelProposed> e) => PilotModel.Of(e.Data);
}
