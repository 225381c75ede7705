using System.Net.Http.Headers;
using System.Net.Http.Json;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ntm.Architecture.Tests.Examples.Inspections;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Architecture.Tests.Examples;

/// <summary>A service with the one slice of the examples, wired as any other, with a token issuer of its own.</summary>
internal sealed class ExampleService : IAsyncDisposable
{
    private const string Name = "example";
    private readonly TestTokens tokens = new();
    private readonly WebApplication app;
    private readonly HttpClient http = new();

    private ExampleService(string database)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration[$"ConnectionStrings:{Name}"] = database;
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults(Name);
        tokens.Admit(builder);
        builder.AddNtmStore(Name, options =>
        {
            options.AddInspections();
            // What KeepFactsOf does for a service of the topology.
            options.Schema.For<InboxMark>();
            options.Events.MapEventType<RecognitionChanged>("learned:appraisal.recognition-changed.v1");
        });
        app = builder.Build();
        app.UseServiceDefaults();
        app.MapGroup("/api/example").RequireAuthorization().MapInspections();
    }

    public IDocumentStore Store => app.Services.GetRequiredService<IDocumentStore>();

    public static async Task<ExampleService> StartAsync(string database)
    {
        var service = new ExampleService(database);
        await service.Store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await service.app.StartAsync();
        service.http.BaseAddress = new(service.app.Urls.Single());
        return service;
    }

    /// <summary>Takes a fact in as the queue's consumer does.</summary>
    /// <returns>Whether it was newer than what was known.</returns>
    public async Task<bool> LearnAsync(Contracts.IIntegrationEvent fact) =>
        await ActivatorUtilities.CreateInstance<Learning>(app.Services).TogetherAsync([new(fact, null, Replay: null, Activity: null)], CancellationToken.None) == 1;

    public async Task<HttpResponseMessage> PostAsync(string path, string client, object body, Guid? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Of(client));
        request.Headers.Add("Idempotency-Key", (idempotencyKey ?? Guid.CreateVersion7()).ToString());
        return await http.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.DisposeAsync();
        tokens.Dispose();
    }
}
