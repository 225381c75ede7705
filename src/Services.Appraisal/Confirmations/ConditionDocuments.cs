using System.Collections.Immutable;
using Marten;

namespace Ntm.Appraisal.Confirmations;

/// <summary>A document as a confirmation's body names it.</summary>
/// <param name="Sha256">64 hexadecimal digits.</param>
/// <param name="Size">Bytes, more than 0; may be left out.</param>
/// <param name="MediaType">Of a kind of file that is taken in; may be left out.</param>
public sealed record EvidenceBody(string? Sha256, long? Size, string? MediaType);

/// <summary>The content of a document behind confirmations of a condition was brought in.</summary>
/// <param name="Sha256">64 hexadecimal digits, lower case.</param>
/// <param name="Size">Bytes.</param>
/// <param name="MediaType">Told by the content.</param>
/// <param name="By">Id of the person.</param>
public sealed record ConditionDocumentBrought(
    Guid UnitId, string Title, string Condition, string Sha256, long Size, string MediaType, string Name, string By, DateTimeOffset At);

/// <summary>A document of a condition whose content is kept here.</summary>
/// <param name="Size">Bytes.</param>
public sealed record KeptDocument(string Sha256, long Size, string MediaType, string Name, string By, DateTimeOffset At)
{
    public bool IsNamed(string? sha256) => string.Equals(Sha256, sha256, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Documents of one condition of a unit for a title, in a stream beside its confirmations: these are counted by theirs.</summary>
public sealed record ConditionDocuments(string Id, ImmutableList<KeptDocument> Items)
{
    public static string Key(Guid unit, string title, string condition) => $"condition-documents/{unit}/{title}/{condition}";

    public static ConditionDocuments Create(ConditionDocumentBrought e) => new(Key(e.UnitId, e.Title, e.Condition), [Kept(e)]);

    public ConditionDocuments Apply(ConditionDocumentBrought e) => this with { Items = Items.Add(Kept(e)) };

    public static async Task<IReadOnlyList<KeptDocument>> LoadAsync(IQuerySession session, Guid unit, string title, string condition, CancellationToken ct) =>
        (await session.Events.AggregateStreamAsync<ConditionDocuments>(Key(unit, title, condition), token: ct))?.Items ?? [];

    private static KeptDocument Kept(ConditionDocumentBrought e) => new(e.Sha256, e.Size, e.MediaType, e.Name, e.By, e.At);
}
