using Marten;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ntm.Architecture.Tests.Examples.Inspections;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>A service that announces its inspections, to a broker in memory.</summary>
internal static class AnnouncingHost
{
    public const string Name = "example";

    public static IHost Build(string database)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration[$"ConnectionStrings:{Name}"] = database;
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(new Demonstration(On: false)).AddSingleton<HouseMetrics>();
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingInMemory();
        });
        builder.AddNtmStore(Name, options =>
        {
            options.AddInspections();
            options.Projections.HealthCheckPollingTime = TimeSpan.FromMilliseconds(200);
            options.Projections.LeadershipPollingTime = 200;
        }).AddNtmOutbox(builder, new IntegrationMap(Name).On<InspectionHeld>((e, _, _) => Task.FromResult<IReadOnlyList<IIntegrationEvent>>([Announcement(e.Data)])));
        return builder.Build();
    }

    public static InspectionHeld Held() => new(Guid.CreateVersion7(), Guid.CreateVersion7(), new(2026, 3, 1), "passed", "an", TimeProvider.System.GetUtcNow());

    // Any contract will do: what is looked at is who was announced, told by the unit's id.
    private static RecognitionChanged Announcement(InspectionHeld held) => new(
        new(Name, Inspection.Key(held.Id), 1, 1, held.Id, held.At, held.By, "test", Demonstration: false),
        new(Guid.Empty, new(held.Id, "18133", "Xã Thử"), "commune-ntm", "12/QĐ", held.Day, "QĐ", held.Day, null, "in-force", null, null));
}

/// <summary>What a broker is handed, and what it confirms.</summary>
internal sealed class Announced : IPublishObserver
{
    private readonly List<Guid> units = [];
    private readonly HashSet<Guid> begun = [];

    /// <summary>The broker confirms nothing before this is done.</summary>
    public Task Confirms { get; set; } = Task.CompletedTask;

    /// <summary>Units that were announced and confirmed, in their order.</summary>
    public IReadOnlyList<Guid> Units
    {
        get
        {
            lock (units) return [.. units];
        }
    }

    /// <summary>Ids of the messages that were handed over, confirmed or not.</summary>
    public IReadOnlyList<Guid> Begun
    {
        get
        {
            lock (units) return [.. begun];
        }
    }

    public Task PrePublish<T>(PublishContext<T> context)
        where T : class
    {
        lock (units) begun.Add(context.MessageId!.Value);
        return Confirms.WaitAsync(context.CancellationToken);
    }

    public Task PostPublish<T>(PublishContext<T> context)
        where T : class
    {
        lock (units)
            if (context.Message is RecognitionChanged changed) units.Add(changed.Recognition.Unit.Id);
        return Task.CompletedTask;
    }

    public Task PublishFault<T>(PublishContext<T> context, Exception exception)
        where T : class => Task.CompletedTask;
}
