using Marten;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ntm.Architecture.Tests;

/// <summary>A service as its own Program wires it, with nothing of it running.</summary>
internal sealed class ServiceProgram : IDisposable
{
    private readonly IDisposable factory;

    private ServiceProgram(IDisposable factory, IServiceProvider services) => (this.factory, Services) = (factory, services);

    public IServiceProvider Services { get; }

    public IDocumentStore Store => Services.GetRequiredService<IDocumentStore>();

    /// <summary>The events that the service stores by the names that it writes now; Marten's own markers are not ours to keep.</summary>
    public IReadOnlyDictionary<string, Type> Events => Store.Options.Events.AllKnownEventTypes()
        .Where(t => t.EventType.Namespace!.StartsWith("Ntm.", StringComparison.Ordinal)).ToDictionary(t => t.EventTypeName, t => t.EventType, StringComparer.Ordinal);

    public static ServiceProgram Of(string service, string database) => service switch
    {
        "criteria" => Of<Criteria.Periods.Period>(service, database),
        "appraisal" => Of<Appraisal.Dossiers.DossierOpened>(service, database),
        "pilots" => Of<Pilots.Models.PilotModel>(service, database),
        "notifications" => Of<Notifications.Inbox.InboxEntry>(service, database),
        "central" => Of<Central.Publishing.PublishedReport>(service, database),
        _ => throw new ArgumentOutOfRangeException(nameof(service), service, "Name a type of its program here."),
    };

    public void Dispose() => factory.Dispose();

    private static ServiceProgram Of<TOfTheService>(string service, string database)
        where TOfTheService : class
    {
        var program = new WebApplicationFactory<TOfTheService>().WithWebHostBuilder(host =>
        {
            host.UseSetting($"ConnectionStrings:{service}", database);
            host.UseSetting("ConnectionStrings:broker", "amqp://127.0.0.1/ntm");
            host.ConfigureLogging(logging => logging.ClearProviders());
            host.ConfigureTestServices(services => services.RemoveAll<IHostedService>());
        });
        return new(program, program.Services);
    }
}
