using System.Text.Json.Serialization;
using JasperFx.Events;
using Marten.Events.Aggregation;

namespace Ntm.Criteria.Difficulties;

// Event names are the storage format: upcast, never edit.

/// <summary>A unit raised a difficulty (khó khăn, vướng mắc).</summary>
/// <param name="Day">The record's day, on which the unit, its code and those above it are named: the period's, else the day on which it was raised.</param>
/// <param name="Period">Period of the report that it is attached to; null where it belongs to none.</param>
/// <param name="Indicator">Indicator of <paramref name="Set"/>; null where it belongs to none.</param>
public sealed record DifficultyRaised(Guid Id, Guid UnitId, DateOnly Day, string? Period, string? Set, string? Indicator, string Text, string By, DateTimeOffset At);

/// <summary>The level between passed the difficulty on to the province, or added its comment.</summary>
public sealed record DifficultyPassedOn(string? Comment, string By, DateTimeOffset At);

/// <summary>The province answered.</summary>
public sealed record DifficultyAnswered(string Text, string By, DateTimeOffset At);

/// <summary>The unit took the difficulty back.</summary>
public sealed record DifficultyWithdrawn(string? Reason, string By, DateTimeOffset At);

/// <summary>Where a difficulty is on its way up.</summary>
public enum DifficultyStatus
{
    Raised,
    PassedOn,
    Answered,
    Withdrawn,
}

/// <summary>What somebody wrote.</summary>
public sealed record Word(string Text, string By, DateTimeOffset At);

/// <summary>A difficulty, a stream of its own: it is raised at any time, with a report or without one.</summary>
/// <param name="Comments">What the level between wrote.</param>
/// <param name="Withdrawal">Why it was withdrawn, where the unit says so.</param>
public sealed record Difficulty(
    string Id, Guid Number, Guid UnitId, DateOnly Day, string? Period, string? Set, string? Indicator, DifficultyStatus Status, Word Raised, IReadOnlyList<Word> Comments,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Word? Answer,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Withdrawal, long Version)
{
    /// <summary>Whether nobody is asked any more.</summary>
    [JsonIgnore]
    public bool Settled => Status is DifficultyStatus.Answered or DifficultyStatus.Withdrawn;

    public static string Key(Guid number) => $"difficulty/{number}";

    public static Difficulty? Fold(Difficulty? difficulty, string id, object e)
    {
        if (e is DifficultyRaised raised)
            return new(id, raised.Id, raised.UnitId, raised.Day, raised.Period, raised.Set, raised.Indicator, DifficultyStatus.Raised, new(raised.Text, raised.By, raised.At), [], null, null, 1);
        var next = e switch
        {
            DifficultyPassedOn p => difficulty! with
            {
                Status = DifficultyStatus.PassedOn,
                Comments = p.Comment is { } comment ? [.. difficulty!.Comments, new(comment, p.By, p.At)] : difficulty!.Comments,
            },
            DifficultyAnswered a => difficulty! with { Status = DifficultyStatus.Answered, Answer = new(a.Text, a.By, a.At) },
            DifficultyWithdrawn w => difficulty! with { Status = DifficultyStatus.Withdrawn, Withdrawal = w.Reason },
            _ => null,
        };
        return next is null ? difficulty : next with { Version = difficulty!.Version + 1 };
    }

    public static string NameOf(DifficultyStatus status) => status switch
    {
        DifficultyStatus.Raised => "raised",
        DifficultyStatus.PassedOn => "passed-on",
        DifficultyStatus.Answered => "answered",
        _ => "withdrawn",
    };
}

public sealed partial class DifficultyProjection : SingleStreamProjection<Difficulty, string>
{
    public DifficultyProjection()
    {
        IncludeType<DifficultyRaised>();
        IncludeType<DifficultyPassedOn>();
        IncludeType<DifficultyAnswered>();
        IncludeType<DifficultyWithdrawn>();
    }

    public override Difficulty? Evolve(Difficulty? snapshot, string id, IEvent e) => Difficulty.Fold(snapshot, id, e.Data);
}
