using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Ntm.ServiceDefaults;

/// <summary>
/// A trace begins with a request, a message or a page of events. What the daemon asks its store all day long begins none,
/// or it would push everything else out of the dashboard within minutes.
/// </summary>
internal sealed class WorkSampler : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        new(samplingParameters.Kind == ActivityKind.Client || samplingParameters.Name.StartsWith("marten.daemon.", StringComparison.Ordinal)
            ? SamplingDecision.Drop
            : SamplingDecision.RecordAndSample);
}
