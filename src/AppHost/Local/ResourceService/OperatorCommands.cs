using Ntm.AppHost.Local.Protocol;

namespace Ntm.AppHost.Local;

/// <summary>What an operator may do with a process: start, stop, restart, as Aspire names and offers them.</summary>
internal static class OperatorCommands
{
    public const string Start = "start";
    public const string Stop = "stop";
    public const string Restart = "restart";

    public static IEnumerable<ResourceCommand> Of(Status status, IReadOnlyCollection<string> dependents)
    {
        var pausing = status.StartsAgainAt is not null;
        var running = status.State == States.Running;
        var changing = status.State is States.Starting or States.Stopping;
        var waiting = status.State == States.Waiting || pausing;
        var needed = dependents.Count == 0 ? null : $"Needed by: {string.Join(", ", dependents)}. They stay up and refuse what they cannot do until it runs again.";

        yield return Command(Start, "Start", "Starts it at once, without waiting for others.", "Play", running || changing ? Hidden : Enabled);
        yield return Command(Stop, "Stop", "Stops it in order; it stays stopped until it is started.", "Stop", running || waiting ? Enabled : changing ? Disabled : Hidden, needed);
        yield return Command(Restart, "Restart", "Stops it in order and starts it again.", "ArrowCounterclockwise", running ? Enabled : Disabled, needed);
    }

    /// <summary>Null when it was done, else why not.</summary>
    public static Task<string?> ExecuteAsync(Supervisor supervisor, string command) => command switch
    {
        Start => supervisor.StartNowAsync(),
        Stop => supervisor.StopNowAsync(),
        Restart => supervisor.RestartAsync(),
        _ => Task.FromResult<string?>($"There is no command '{command}'."),
    };

    private const ResourceCommandState Enabled = ResourceCommandState.Enabled;
    private const ResourceCommandState Disabled = ResourceCommandState.Disabled;
    private const ResourceCommandState Hidden = ResourceCommandState.Hidden;

    private static ResourceCommand Command(string name, string text, string description, string icon, ResourceCommandState state, string? question = null)
    {
        var command = new ResourceCommand
        {
            Name = name,
            DisplayName = text,
            DisplayDescription = description,
            IconName = icon,
            IconVariant = IconVariant.Filled,
            IsHighlighted = name != Restart,
            State = state,
        };
        if (question is not null)
            command.ConfirmationMessage = $"{text}? {question}";
        return command;
    }
}
