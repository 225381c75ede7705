using System.Collections.Concurrent;
using Marten;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Ntm.Appraisal.Council;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Recognitions;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Tests;

/// <summary>What an owner sends to one consumer that asked for its facts again.</summary>
public sealed class ReplayTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Owner = "appraisal";
    private const string Consumer = "central";
    private const int Unwanted = 3_500;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_what_the_consumer_wants_is_mapped_and_it_is_told_that_the_owner_is_at_it_while_nothing_is_found()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        var unit = Guid.CreateVersion7();
        await AppendAsync(service, "title/first", [new TitleGranted(unit, "po", Given.Now)]);
        await AppendAsync(service, "title/many", [.. Enumerable.Repeat(new TitleReleased(unit, "po", Given.Now), Unwanted)]);
        await AppendAsync(service, "title/last", [new TitleGranted(unit, "po", Given.Now)]);
        // A name that the type had in an older version: the store lists only the present one.
        await using (var session = service.Store.LightweightSession())
        {
            session.QueueSqlCommand("update mt_events set type = 'title-granted.v0' where stream_id = 'title/first'");
            await session.SaveChangesAsync(Ct);
        }

        var map = new IntegrationMap(Owner)
            .On<TitleGranted>((e, _, _) => Task.FromResult<IReadOnlyList<IIntegrationEvent>>([Recognised(e.StreamKey!, e.Sequence)]), typeof(RecognitionChanged))
            .On<TitleReleased>((_, _, _) => throw new InvalidOperationException("nobody wants it"), typeof(DossierMoved));
        var request = Guid.CreateVersion7();
        var sent = await ReplayedAsync(service, map, new(Consumer, Owner, request), Unwanted + 2);

        Assert.Equal(["title/first", "title/last"], sent.OfType<RecognitionChanged>().Select(r => r.Origin.Stream));
        var told = sent.OfType<ReplayUnderWay>().ToList();
        Assert.Equal([0, 2_000], told.Select(t => t.Position));
        Assert.All(told, t => Assert.Equal((Consumer, Owner, request), (t.Consumer, t.Owner, t.Request)));
        Assert.IsType<ReplayUnderWay>(sent[0]);
        Assert.Equal(new ReplayCompleted(Consumer, Owner, request, Unwanted + 2), sent[^1]);
    }

    [Fact]
    public void Each_contract_of_the_service_has_an_event_that_is_said_to_yield_it()
    {
        var map = new IntegrationMap(Owner).AnnounceEligibility().AnnounceDossiers(Given.Book).AnnounceFlags(Given.Book).AnnounceSessions().AnnounceRecognitions();
        Assert.All(Topology.Owners[Owner], contract => Assert.NotEmpty(map.SourcesOf([contract])));
        Assert.Equal(5, map.SourcesOf(Topology.Listeners[Consumer]).Count);
    }

    [Fact]
    public async Task What_a_map_does_not_say_that_it_yields_is_not_announced()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        await AppendAsync(service, "title/one", [new TitleGranted(Guid.CreateVersion7(), "po", Given.Now)]);
        var map = new IntegrationMap(Owner).On<TitleGranted>((e, _, _) => Task.FromResult<IReadOnlyList<IIntegrationEvent>>([Recognised(e.StreamKey!, 1)]), typeof(DossierMoved));
        await using var session = service.Store.QuerySession();
        var e = (await session.Events.FetchStreamAsync("title/one", token: Ct))[0];
        await Assert.ThrowsAsync<InvalidOperationException>(() => map.MapAsync(e, session, Ct));
    }

    private static async Task<object[]> ReplayedAsync(AppraisalService service, IntegrationMap map, ReplayRequested request, long announced)
    {
        using var turn = new OutboxTurn { Announced = announced };
        await using var provider = new ServiceCollection()
            .AddLogging().AddSingleton(map).AddSingleton(service.Store).AddSingleton(turn).AddSingleton<TimeProvider>(new ThreeSecondsALook())
            .AddMassTransit(bus =>
            {
                bus.DisableUsageTelemetry();
                bus.AddConsumer<Replay>();
                bus.UsingInMemory((context, memory) => memory.ReceiveEndpoint(Topology.ReplayQueueOf(Owner), endpoint => endpoint.ConfigureConsumer<Replay>(context)));
            })
            .BuildServiceProvider();
        var bus = provider.GetRequiredService<IBusControl>();
        var sent = new Sent();
        bus.ConnectSendObserver(sent);
        await bus.StartAsync(Ct);
        try
        {
            await bus.Publish(request, Ct);
            await sent.Ended.Task.WaitAsync(TimeSpan.FromSeconds(30), Ct);
        }
        finally
        {
            await bus.StopAsync(CancellationToken.None);
        }

        return [.. sent.Messages];
    }

    private static async Task AppendAsync(AppraisalService service, string stream, object[] events)
    {
        await using var session = service.Store.LightweightSession();
        session.Events.StartStream(stream, events);
        await session.SaveChangesAsync(Ct);
    }

    private static RecognitionChanged Recognised(string stream, long position) => new(
        new(Owner, stream, 1, position, Guid.CreateVersion7(), Given.Now, "po", "test", Demonstration: false),
        new(Guid.Empty, Given.Unit, "commune-ntm", "12/QĐ", Given.Today, "QĐ", Given.Today, null, "in-force", null, null));

    private sealed class ThreeSecondsALook : TimeProvider
    {
        private long looks;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => 3 * Interlocked.Increment(ref looks);
    }

    private sealed class Sent : ISendObserver
    {
        public ConcurrentQueue<object> Messages { get; } = [];

        public TaskCompletionSource Ended { get; } = new();

        public Task PreSend<T>(SendContext<T> context)
            where T : class => Task.CompletedTask;

        public Task PostSend<T>(SendContext<T> context)
            where T : class
        {
            Messages.Enqueue(context.Message);
            if (context.Message is ReplayCompleted) Ended.SetResult();
            return Task.CompletedTask;
        }

        public Task SendFault<T>(SendContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }
}
