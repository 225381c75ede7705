using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Marten;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Ntm.ServiceDefaults;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>Service Notifications as its own Program wires it, on a database of the test's, without a broker. A second one is what it is after a restart.</summary>
internal sealed class NotificationsHost : IAsyncDisposable
{
    private static readonly RSA Key = RSA.Create(2048);
    private readonly WebApplicationFactory<Notifications.Inbox.InboxEntry> factory;
    private readonly HttpClient http;

    public NotificationsHost(string database)
    {
        factory = new WebApplicationFactory<Notifications.Inbox.InboxEntry>().WithWebHostBuilder(host =>
        {
            host.UseSetting("ConnectionStrings:notifications", database);
            host.UseSetting("ConnectionStrings:broker", "amqp://127.0.0.1/ntm");
            host.ConfigureLogging(logging => logging.ClearProviders());
            host.ConfigureTestServices(services =>
            {
                services.RemoveAll<IHostedService>();
                services.Configure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, options =>
                    options.Configuration = new OpenIdConnectConfiguration { SigningKeys = { new RsaSecurityKey(Key) } });
            });
        });
        http = factory.CreateClient();
    }

    public IServiceProvider Services => factory.Services;

    public Task ApplySchemaAsync() => Part<IDocumentStore>().Storage.ApplyAllConfiguredChangesToDatabaseAsync();

    public T Part<T>()
        where T : notnull => factory.Services.GetRequiredService<T>();

    public async Task<(int Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string client, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new("Bearer", TokenOf(client));
        request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request);
        return ((int)response.StatusCode, JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()));
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await factory.DisposeAsync();
    }

    private static string TokenOf(string client) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = "http://127.0.0.1:8080/",
        Audience = Auth.Audience,
        Claims = new Dictionary<string, object> { ["client_id"] = client, ["sub"] = Actor.PersonOf(client), ["right"] = client.Split('#')[0] },
        SigningCredentials = new SigningCredentials(new RsaSecurityKey(Key), SecurityAlgorithms.RsaSha256),
    });
}
