namespace Ntm.AppHost.Local;

/// <summary>How one kind of resource becomes a process, and how one sees that it is well.</summary>
internal interface IRecipe
{
    /// <summary>Everything that must be there, then what to start; asked again before each restart.</summary>
    Task<ProcessSpec> PrepareAsync(ResourceLog log, CancellationToken cancellationToken);

    Task<bool> IsHealthyAsync(CancellationToken cancellationToken);

    /// <summary>After the process has ended for good.</summary>
    Task CleanUpAsync() => Task.CompletedTask;
}
