using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ntm.ServiceDefaults;

namespace Ntm.Architecture.Tests;

/// <summary>Service Criteria as its own Program wires it, on a database of the test's, without a broker. Several of them are replicas.</summary>
internal sealed class CriteriaHost : IAsyncDisposable
{
    private readonly WebApplicationFactory<Criteria.Periods.Period> factory;
    private readonly TestTokens tokens = new();
    private readonly HttpClient http;
    private Type? import;
    private KeptElsewhere? hearing;

    public CriteriaHost(string database, TimeProvider? clock = null)
    {
        factory = new WebApplicationFactory<Criteria.Periods.Period>().WithWebHostBuilder(host =>
        {
            host.UseSetting("ConnectionStrings:criteria", database);
            host.UseSetting("ConnectionStrings:broker", "amqp://127.0.0.1/ntm");
            tokens.Admit(host);
            host.ConfigureLogging(logging => logging.ClearProviders());
            host.ConfigureTestServices(services =>
            {
                import = services.Single(d => d.ImplementationType?.Name == "DataImport").ImplementationType;
                services.RemoveAll<IHostedService>();
                if (clock is not null) services.RemoveAll<TimeProvider>().AddSingleton(clock);
            });
        });
        http = factory.CreateClient();
        http.Timeout = TimeSpan.FromMinutes(5);
    }

    public IServiceProvider Services => factory.Services;

    public Task ApplySchemaAsync() => SchemaStep.ApplyAsync(factory.Services, "postgres", CancellationToken.None);

    /// <summary>Hears from now on what others write of what this one holds in memory.</summary>
    public Task HearAsync(CancellationToken ct)
    {
        hearing = ActivatorUtilities.CreateInstance<KeptElsewhere>(factory.Services, "criteria");
        return hearing.StartAsync(ct);
    }

    /// <summary>Loads the data files as each start does.</summary>
    public Task ImportDataAsync(CancellationToken ct) => ((IHostedService)ActivatorUtilities.CreateInstance(factory.Services, import!)).StartAsync(ct);

    public async Task<(int Status, JsonElement Body, HttpResponseHeaders Headers, string Text)> SendAsync(
        HttpMethod method, string path, string client, string? body = null, string? key = null, string? ifMatch = null, string mediaType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new("Bearer", tokens.Of(client));
        request.Headers.Add("Idempotency-Key", key ?? Guid.CreateVersion7().ToString());
        request.Headers.AcceptLanguage.ParseAdd("en");
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, mediaType);
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var isJson = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true;
        return ((int)response.StatusCode, isJson ? JsonSerializer.Deserialize<JsonElement>(text) : default, response.Headers, text);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (hearing is not null) await hearing.StopAsync(CancellationToken.None);
        hearing?.Dispose();
        await factory.DisposeAsync();
        tokens.Dispose();
    }
}
