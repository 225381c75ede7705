using System.Diagnostics;
using Ntm.ServiceDefaults;
using OpenTelemetry.Trace;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>What begins a trace: work does, as long as there is no storm of it.</summary>
public sealed class WorkSamplerTests
{
    [Fact]
    public void A_request_a_message_and_a_page_of_events_begin_a_trace()
    {
        using var sampler = new WorkSampler(perSecond: 1);

        Assert.Equal(SamplingDecision.RecordAndSample, Asked(sampler, ActivityKind.Server, "GET /api/criteria/reports"));
        Assert.Equal(SamplingDecision.RecordAndSample, Asked(sampler, ActivityKind.Consumer, "report-approved receive"));
        Assert.Equal(SamplingDecision.RecordAndSample, Asked(sampler, ActivityKind.Internal, "outbox page"));
    }

    [Fact]
    public void What_the_daemon_asks_its_store_all_day_begins_none()
    {
        using var sampler = new WorkSampler(perSecond: 1);

        Assert.Equal(SamplingDecision.Drop, Asked(sampler, ActivityKind.Client, "criteria"));
        Assert.Equal(SamplingDecision.Drop, Asked(sampler, ActivityKind.Internal, "marten.daemon.highwatermark"));
    }

    [Fact]
    public void A_storm_leaves_room_for_the_traces_of_others_and_idle_questions_take_none_of_it()
    {
        using var sampler = new WorkSampler(perSecond: 1);
        for (var i = 0; i < 2 * WorkSampler.Burst; i++) Asked(sampler, ActivityKind.Client, "criteria");

        var begun = Enumerable.Range(0, 10 * WorkSampler.Burst).Count(_ => Asked(sampler, ActivityKind.Server, "GET") == SamplingDecision.RecordAndSample);

        // As many as at once, and those of the seconds that the loop took.
        Assert.InRange(begun, WorkSampler.Burst, WorkSampler.Burst + 60);
    }

    [Fact]
    public void None_begins_where_none_is_wanted()
    {
        using var sampler = new WorkSampler(perSecond: 0);

        Assert.Equal(SamplingDecision.Drop, Asked(sampler, ActivityKind.Server, "GET"));
    }

    private static SamplingDecision Asked(WorkSampler sampler, ActivityKind kind, string name) =>
        sampler.ShouldSample(new SamplingParameters(default, ActivityTraceId.CreateRandom(), name, kind)).Decision;
}
