using System.Text.Json.Serialization;
using JasperFx.Events;
using Marten.Events.Aggregation;

namespace Ntm.Criteria.Catalogue;

/// <summary>A published version of a set.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="Recorded">Version of the set's stream that published it.</param>
/// <param name="By">Who published it; null in what was kept before versions were.</param>
/// <param name="Act">The amending act; null for the first version.</param>
/// <param name="Base">The version that a province's set goes out from.</param>
/// <param name="Correction">Whether it completes or corrects the text of an act that was recorded already.</param>
public sealed record SetVersion(
    int Number, CriteriaSet Set, long Recorded, string? By, DateTimeOffset? At, LegalAct? Act, SetBase? Base,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Correction = false)
{
    /// <summary>Whether its own days hold the day; null where its first day is not known: that is not "always".</summary>
    public bool? InForceOn(DateOnly day) => (Set.InForceFrom, Set.InForceTo) switch
    {
        (_, { } to) when day > to => false,
        (null, _) => null,
        ({ } from, _) => from <= day,
    };
}

/// <summary>The end of a set.</summary>
/// <param name="Recorded">Version of the set's stream that retired it.</param>
public sealed record SetRetirement(LegalAct Act, DateOnly LastDay, string? Reason, string By, DateTimeOffset At, long Recorded);

/// <summary>A set with all its published versions and what is being drafted, folded from its stream.</summary>
/// <param name="Id">Key of the stream.</param>
/// <param name="Version">Version of the stream.</param>
/// <param name="Set">Only in what was stored before a set had versions: the published one.</param>
/// <param name="Province">Province whose set it is, where the events say so.</param>
public sealed record SetRecord(
    string Id, long Version, IReadOnlyList<SetVersion> Versions, CriteriaSet? Draft, SetRetirement? Retired, Guid? Province,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] CriteriaSet? Set = null)
{
    public long Version { get; init; } = Math.Max(Version, 1);

    public IReadOnlyList<SetVersion> Versions { get; init; } = Versions ?? (Set is null ? [] : [new(1, Set, 1, null, null, null, null)]);

    [JsonIgnore]
    public string SetId => Id["set/".Length..];

    [JsonIgnore]
    public bool IsPublished => Versions.Count > 0;

    [JsonIgnore]
    public SetVersion Latest => Versions[^1];

    [JsonIgnore]
    public string Scope => (Draft ?? Latest.Set).Scope;

    public SetVersion? Find(int number) => Versions.FirstOrDefault(v => v.Number == number);

    /// <summary>
    /// The version that governs the day: of those in force the one published last; where none is, the last one that is not known to
    /// begin later, else the first.
    /// </summary>
    public SetVersion On(DateOnly day) => On(day, Versions);

    /// <summary>The version that governed the day as it was known at the instant.</summary>
    public SetVersion On(DateOnly day, DateTimeOffset known) => On(day, [.. Versions.Where(v => v.At is not { } at || at <= known)]);

    /// <summary>Whether the set is in force on the day; null where nobody knows.</summary>
    public bool? InForceOn(DateOnly day) => Retired is { } retired && day > retired.LastDay ? false : On(day).InForceOn(day);

    /// <summary>The set as it was published by that version of its stream; null when nothing was.</summary>
    public SetRecord? At(long version)
    {
        if (version >= Version) return IsPublished ? this : null;
        SetVersion[] published = [.. Versions.Where(v => v.Recorded <= version)];
        return published.Length == 0 ? null : this with { Version = version, Versions = published, Retired = Retired?.Recorded <= version ? Retired : null };
    }

    private SetVersion On(DateOnly day, IReadOnlyList<SetVersion> among) =>
        among.LastOrDefault(v => v.InForceOn(day) == true) ?? among.LastOrDefault(v => v.Set.InForceFrom is not { } from || from <= day) ?? Versions[0];

    public static SetRecord? Fold(SetRecord? record, string id, object e)
    {
        var next = (record?.Version ?? 0) + 1;
        return e switch
        {
            SetDrafted d => new(id, 1, [], d.Set, null, d.Province),
            SetDraftChanged d => record! with { Version = next, Draft = d.Set },
            CriteriaSetPublished p => new(id, next, [new(1, p.Set, next, p.By, p.At, null, null)], null, null, p.Province ?? record?.Province),
            SetAdapted a => new(id, next, [new(1, a.Set, next, a.By, a.At, null, a.Base)], null, null, a.Province),
            SetAmended a => record! with { Version = next, Set = null, Versions = [.. record.Versions, new(a.Version, a.Set, next, a.By, a.At, a.Act, a.Base ?? record.Versions[0].Base, a.Correction == true)] },
            SetRetired r => record! with { Version = next, Set = null, Retired = new(r.Act, r.LastDay, r.Reason, r.By, r.At, next) },
            _ => record,
        };
    }
}

public sealed partial class SetProjection : SingleStreamProjection<SetRecord, string>
{
    public SetProjection()
    {
        IncludeType<SetDrafted>();
        IncludeType<SetDraftChanged>();
        IncludeType<CriteriaSetPublished>();
        IncludeType<SetAmended>();
        IncludeType<SetAdapted>();
        IncludeType<SetRetired>();
    }

    public override SetRecord? Evolve(SetRecord? snapshot, string id, IEvent e) => SetRecord.Fold(snapshot, id, e.Data);
}
