using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ntm.AppHost.Local;

/// <summary>How one kind of resource becomes a process, and how one sees that it is well.</summary>
internal interface IRecipe
{
    /// <summary>Everything that must be there, then what to start; asked again before each restart.</summary>
    Task<ProcessSpec> PrepareAsync(ResourceLog log, CancellationToken cancellationToken);

    Task<bool> IsHealthyAsync(CancellationToken cancellationToken);

    /// <summary>The same with reasons.</summary>
    async Task<IReadOnlyList<HealthReport>> CheckAsync(CancellationToken cancellationToken) => await IsHealthyAsync(cancellationToken)
        ? [new("answers", HealthStatus.Healthy, "")]
        : [new("answers", HealthStatus.Unhealthy, "does not answer")];

    /// <summary>Why, by the last check, nothing mends it but a new start; null as a rule.</summary>
    string? NeedsNewStart => null;

    /// <summary>After each end of the process: whatever of it is still there.</summary>
    Task CleanUpAsync() => Task.CompletedTask;
}
