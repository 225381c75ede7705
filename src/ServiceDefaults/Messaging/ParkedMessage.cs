using JasperFx.Events;
using Marten;
using Marten.Events.Projections;

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
public sealed record ParkedMessageReplayed(string Message, bool Applied, string By, DateTimeOffset At);

/// <summary>An operator gave a parked message up.</summary>
public sealed record ParkedMessageDropped(string Message, string Reason, string By, DateTimeOffset At);

public enum ParkedStatus
{
    Parked,
    Replayed,
    Dropped,
}

/// <summary>A message that was put aside, as it stands now.</summary>
/// <param name="Order">Position in the source, by which what waits for one thing is taken in.</param>
public sealed record ParkedMessage(
    string Id, ParkedStatus Status, string? Contract, string? Thing, long Order, string Reason, bool WaitsBehind, string Body, int Times, DateTimeOffset ParkedAt,
    string? SettledBy, string? SettledBecause, DateTimeOffset? SettledAt, long Version)
{
    public static string Key(string message) => $"parked/{message}";
}

/// <summary>Keeps <see cref="ParkedMessage"/>.</summary>
public sealed partial class ParkedMessages : EventProjection
{
    public ParkedMessages()
    {
        IncludeType<MessageParked>();
        IncludeType<ParkedMessageReplayed>();
        IncludeType<ParkedMessageDropped>();
        Options.DeleteViewTypeOnTeardown<ParkedMessage>();
    }

    public override async ValueTask ApplyAsync(IDocumentOperations operations, IEvent e, CancellationToken cancellation)
    {
        switch (e.Data)
        {
            case MessageParked parked:
                var before = await operations.LoadAsync<ParkedMessage>(parked.Message, cancellation);
                operations.Store(new ParkedMessage(
                    parked.Message, ParkedStatus.Parked, parked.Contract, parked.Thing, parked.Position, parked.Reason, parked.WaitsBehind, parked.Body,
                    (before?.Times ?? 0) + 1, parked.At, null, null, null, e.Version));
                break;
            case ParkedMessageReplayed replayed when await operations.LoadAsync<ParkedMessage>(replayed.Message, cancellation) is { } message:
                operations.Store(message with
                {
                    Status = ParkedStatus.Replayed,
                    SettledBy = replayed.By,
                    SettledAt = replayed.At,
                    Version = e.Version,
                    SettledBecause = replayed.Applied ? "applied" : "a newer fact was known",
                });
                break;
            case ParkedMessageDropped dropped when await operations.LoadAsync<ParkedMessage>(dropped.Message, cancellation) is { } message:
                operations.Store(message with { Status = ParkedStatus.Dropped, SettledBy = dropped.By, SettledBecause = dropped.Reason, SettledAt = dropped.At, Version = e.Version });
                break;
        }
    }
}
