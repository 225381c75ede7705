using System.Text;
using System.Text.Json;
using Marten;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>Service Notifications as its own Program wires it, on a database of the test's, without a broker. A second one is what it is after a restart.</summary>
internal sealed class NotificationsHost : IAsyncDisposable
{
    private readonly WebApplicationFactory<Notifications.Inbox.InboxEntry> factory;
    private readonly TestTokens tokens = new();
    private readonly HttpClient http;

    public NotificationsHost(string database, TimeProvider? clock = null)
    {
        factory = new WebApplicationFactory<Notifications.Inbox.InboxEntry>().WithWebHostBuilder(host =>
        {
            host.UseSetting("ConnectionStrings:notifications", database);
            host.UseSetting("ConnectionStrings:broker", "amqp://127.0.0.1/ntm");
            tokens.Admit(host);
            host.ConfigureLogging(logging => logging.ClearProviders());
            host.ConfigureTestServices(services =>
            {
                services.RemoveAll<IHostedService>();
                if (clock is not null) services.RemoveAll<TimeProvider>().AddSingleton(clock);
            });
        });
        http = factory.CreateClient();
    }

    public IServiceProvider Services => factory.Services;

    public Task ApplySchemaAsync() => Part<IDocumentStore>().Storage.ApplyAllConfiguredChangesToDatabaseAsync();

    public T Part<T>()
        where T : notnull => factory.Services.GetRequiredService<T>();

    public async Task<(int Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string client, string? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new("Bearer", tokens.Of(client));
        request.Headers.Add("Idempotency-Key", key ?? Guid.CreateVersion7().ToString());
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request);
        return ((int)response.StatusCode, JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()));
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await factory.DisposeAsync();
        tokens.Dispose();
    }
}
