namespace Ntm.AppHost.Local;

/// <summary>The pause before a process that ended is started again: it doubles with each failure and is short again after a good while.</summary>
internal sealed class Backoff
{
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan GoodWhile = TimeSpan.FromSeconds(30);

    /// <summary>Failures in a row.</summary>
    public int Failures { get; private set; }

    public TimeSpan AfterRunOf(TimeSpan lived)
    {
        Failures = lived > GoodWhile ? 1 : Failures + 1;
        var doubled = Shortest * Math.Pow(2, Math.Min(Failures - 1, 10));
        return doubled < Longest ? doubled : Longest;
    }
}
