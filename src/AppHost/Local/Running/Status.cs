using System.Collections.Immutable;

namespace Ntm.AppHost.Local;

/// <summary>Aspire's names of what a resource is doing.</summary>
internal static class States
{
    public const string NotStarted = nameof(NotStarted);
    public const string Waiting = nameof(Waiting);
    public const string Starting = nameof(Starting);
    public const string Running = nameof(Running);
    public const string Stopping = nameof(Stopping);
    public const string Exited = nameof(Exited);
    public const string Finished = nameof(Finished);
    public const string FailedToStart = nameof(FailedToStart);
    public const string Active = nameof(Active);
}

/// <summary>What can be seen of a supervised process at one instant.</summary>
internal sealed record Status
{
    public string State { get; init; } = States.NotStarted;

    public int? ProcessId { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? StoppedAt { get; init; }

    public int? ExitCode { get; init; }

    public ProcessSpec? Spec { get; init; }

    public ImmutableList<HealthReport> Health { get; init; } = [];

    public ImmutableList<string> WaitingFor { get; init; } = [];

    /// <summary>How often it was started again after it had ended by itself.</summary>
    public int Restarts { get; init; }

    /// <summary>Set while it waits to be started again.</summary>
    public DateTimeOffset? StartsAgainAt { get; init; }
}
