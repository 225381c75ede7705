using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Ntm.Architecture.Tests.Examples.Inspections;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Architecture.Tests.Examples;

/// <summary>A service with the one slice of the examples, wired as any other, with a token issuer of its own.</summary>
internal sealed class ExampleService : IAsyncDisposable
{
    private const string Name = "example";
    private const string Issuer = "http://127.0.0.1/";
    private readonly RSA key = RSA.Create(2048);
    private readonly WebApplication app;
    private readonly HttpClient http = new();

    private ExampleService(string database)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration[$"ConnectionStrings:{Name}"] = database;
        builder.Configuration["Ntm:Auth:Issuer"] = Issuer;
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults(Name);
        builder.AddNtmAuthentication(options => options.Configuration = new OpenIdConnectConfiguration { SigningKeys = { new RsaSecurityKey(key) } });
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
    public Task<bool> LearnAsync(Contracts.IIntegrationEvent fact) =>
        ActivatorUtilities.CreateInstance<Learning>(app.Services).LearnAsync(fact, null, CancellationToken.None);

    public async Task<HttpResponseMessage> PostAsync(string path, string client, object body, Guid? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf(client));
        request.Headers.Add("Idempotency-Key", (idempotencyKey ?? Guid.CreateVersion7()).ToString());
        return await http.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.DisposeAsync();
        key.Dispose();
    }

    private string TokenOf(string client) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Issuer,
        Audience = Auth.Audience,
        Claims = new Dictionary<string, object> { ["client_id"] = client, ["sub"] = Actor.PersonOf(client), ["right"] = client.Split('#')[0] },
        SigningCredentials = new SigningCredentials(new RsaSecurityKey(key), SecurityAlgorithms.RsaSha256),
    });
}
