using System.Diagnostics;
using System.Threading.RateLimiting;
using OpenTelemetry.Trace;

namespace Ntm.ServiceDefaults;

/// <summary>
/// A trace begins with a request, a message or a page of events. What the daemon asks its store all day long begins none,
/// or it would push everything else out of the dashboard within minutes. A storm of requests would too, and tracing all of it would cost
/// more than answering: after <see cref="Burst"/> traces there are as many as a second lets begin, whole from end to end.
/// </summary>
/// <param name="perSecond">Traces that may begin in a second; 0 and less: none begins at all.</param>
internal sealed class WorkSampler(int perSecond) : Sampler, IDisposable
{
    /// <summary>Traces that may begin at once after a quiet time.</summary>
    public const int Burst = 1000;

    private readonly TokenBucketRateLimiter _traces = new(new()
    {
        TokenLimit = Burst,
        TokensPerPeriod = Math.Max(1, perSecond),
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        AutoReplenishment = false,
        QueueLimit = 0,
    });

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        new(perSecond > 0 && IsWork(samplingParameters) && MayBegin() ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);

    public void Dispose() => _traces.Dispose();

    private static bool IsWork(in SamplingParameters asked) =>
        asked.Kind != ActivityKind.Client && !asked.Name.StartsWith("marten.daemon.", StringComparison.Ordinal);

    private bool MayBegin()
    {
        _traces.TryReplenish();
        using var lease = _traces.AttemptAcquire();
        return lease.IsAcquired;
    }
}
