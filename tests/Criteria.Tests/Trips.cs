using System.Diagnostics;
using Npgsql;

namespace Ntm.Criteria.Tests;

/// <summary>Counts how often a database is asked something, by the driver's own traces.</summary>
internal sealed class Trips : IDisposable
{
    private readonly ActivityListener listener;
    private int count;

    public Trips(string connectionString)
    {
        var database = new NpgsqlConnectionStringBuilder(connectionString).Database;
        listener = new()
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.TagObjects.Any(t => t.Value as string == database)) Interlocked.Increment(ref count);
            },
        };
        ActivitySource.AddActivityListener(listener);
    }

    /// <summary>Trips since the last time.</summary>
    public int Take() => Interlocked.Exchange(ref count, 0);

    public void Dispose() => listener.Dispose();
}
