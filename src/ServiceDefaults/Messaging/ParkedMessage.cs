using JasperFx.Events;
using Marten.Events.Aggregation;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>A message could not be taken in and was put aside.</summary>
/// <param name="Message">Id of the message.</param>
/// <param name="Contract">Name of its contract, e.g. <c>criteria.report-approved</c>; null where it could not be read.</param>
/// <param name="Thing">Key of the thing that it is about (contract and source stream); null where it could not be read.</param>
/// <param name="Position">Source position of the fact; 0 where it could not be read.</param>
/// <param name="Reason">Why: the kind of the fault and its message.</param>
/// <param name="WaitsBehind">True when nothing is wrong with it but that an older fact of its thing is parked.</param>
/// <param name="Body">The message as it came, in base64: it may be anything.</param>
public sealed record MessageParked(string Message, string? Contract, string? Thing, long Position, string Reason, bool WaitsBehind, string Body, DateTimeOffset At);

/// <summary>A parked message was taken in after all.</summary>
/// <param name="Applied">False when a newer fact of its thing was known already, so that nothing was left to do.</param>
/// <param name="By">The operator's person id; <c>system:release</c> for one that only waited behind another.</param>
public sealed record ParkedMessageReplayed(string Message, bool Applied, string By, DateTimeOffset At)
{
    internal string Because => Applied ? "applied" : "a newer fact was known";
}

/// <summary>An operator had a parked message taken in, and it failed again: it stays as it was.</summary>
/// <param name="Reason">Why, as of <see cref="MessageParked"/>.</param>
public sealed record ParkedMessageReplayFailed(string Message, string Reason, string By, DateTimeOffset At);

/// <summary>An operator gave a parked message up.</summary>
public sealed record ParkedMessageDropped(string Message, string Reason, string By, DateTimeOffset At);

public enum ParkedStatus
{
    Parked,
    Replayed,
    Dropped,
}

/// <summary>A message that was put aside, as it stands now; the fold of its stream.</summary>
/// <param name="Id"><see cref="Key"/> of the message.</param>
/// <param name="Order">Position in the source, by which what waits for one thing is taken in.</param>
/// <param name="Times">How often it was parked.</param>
public sealed record ParkedMessage(
    string Id, string Message, ParkedStatus Status, string? Contract, string? Thing, long Order, string Reason, bool WaitsBehind, string Body, int Times, DateTimeOffset ParkedAt,
    string? SettledBy, string? SettledBecause, DateTimeOffset? SettledAt, long Version)
{
    public static string Key(string message) => $"parked/{message}";

    public static ParkedMessage? Fold(ParkedMessage? message, string id, object e) => e switch
    {
        MessageParked p => new(
            id, p.Message, ParkedStatus.Parked, p.Contract, p.Thing, p.Position, p.Reason, p.WaitsBehind, p.Body, (message?.Times ?? 0) + 1, p.At, null, null, null, (message?.Version ?? 0) + 1),
        ParkedMessageReplayed r => message! with
        {
            Status = ParkedStatus.Replayed,
            SettledBy = r.By,
            SettledBecause = r.Because,
            SettledAt = r.At,
            Version = message.Version + 1,
        },
        ParkedMessageReplayFailed => message! with { Version = message.Version + 1 },
        ParkedMessageDropped d => message! with { Status = ParkedStatus.Dropped, SettledBy = d.By, SettledBecause = d.Reason, SettledAt = d.At, Version = message.Version + 1 },
        _ => message,
    };
}

/// <summary>Keeps <see cref="ParkedMessage"/>.</summary>
public sealed partial class ParkedMessages : SingleStreamProjection<ParkedMessage, string>
{
    public ParkedMessages()
    {
        IncludeType<MessageParked>();
        IncludeType<ParkedMessageReplayed>();
        IncludeType<ParkedMessageReplayFailed>();
        IncludeType<ParkedMessageDropped>();
    }

    public override ParkedMessage? Evolve(ParkedMessage? snapshot, string id, IEvent e) => ParkedMessage.Fold(snapshot, id, e.Data);
}
