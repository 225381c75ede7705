namespace Ntm.AppHost.Local;

/// <summary>
/// The pause before a process that ended is started again. It doubles for one that does not come up; one that did come up begins with
/// the shortest again, however soon it died, so that it is back in time also when it is killed again and again.
/// </summary>
internal sealed class Backoff
{
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5);

    /// <summary>With the start itself it is less than 15 s.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(8);

    // Whatever ends sooner was never up: who answered for it was somebody else at its port.
    private static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(1);

    /// <summary>Failures in a row.</summary>
    public int Failures { get; private set; }

    public TimeSpan AfterLifeOf(TimeSpan lived, bool wasHealthy)
    {
        Failures = wasHealthy && lived >= ShortestLife ? 1 : Failures + 1;
        var doubled = Shortest * Math.Pow(2, Math.Min(Failures - 1, 10));
        return doubled < Longest ? doubled : Longest;
    }
}
