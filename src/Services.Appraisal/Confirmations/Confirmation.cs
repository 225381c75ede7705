using System.Text.Json.Serialization;

namespace Ntm.Appraisal.Confirmations;

/// <summary>A document behind a confirmation, by content.</summary>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="Size">Bytes; null where it was not said.</param>
/// <param name="Held">Whether its content was kept here when the condition was confirmed; null in what was recorded before contents were kept.</param>
public sealed record EvidenceRef(
    string Sha256, long? Size, string? MediaType, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Held = null);

/// <summary>The body that answers for a condition said how it stands.</summary>
/// <param name="Value">The value in percent where the condition is a rate.</param>
/// <param name="By">Id of the person.</param>
/// <param name="Evidence">Documents behind it; null where none was named.</param>
public sealed record ConditionConfirmed(
    Guid UnitId, string Title, string Condition, bool Met, decimal? Value, string Basis, DateOnly ValidOn, string By, DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<EvidenceRef>? Evidence = null);

/// <summary>The last word on one condition of a unit for a title. Earlier ones stay in the stream.</summary>
/// <param name="Revision">How often it was given; the version of its stream.</param>
public sealed record Confirmation(
    string Id, Guid UnitId, string Title, string Condition, bool Met, decimal? Value, string Basis, DateOnly ValidOn, string By, DateTimeOffset At, long Revision,
    IReadOnlyList<EvidenceRef>? Evidence = null)
{
    public static string Key(Guid unit, string title, string condition) => $"confirmation/{unit}/{title}/{condition}";

    public static Confirmation Create(ConditionConfirmed e) =>
        new(Key(e.UnitId, e.Title, e.Condition), e.UnitId, e.Title, e.Condition, e.Met, e.Value, e.Basis, e.ValidOn, e.By, e.At, 1, e.Evidence);

    public Confirmation Apply(ConditionConfirmed e) => Create(e) with { Revision = Revision + 1 };
}
