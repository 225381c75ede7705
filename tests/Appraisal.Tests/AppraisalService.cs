using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Council;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Queues;
using Ntm.Appraisal.Recognitions;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Tests;

/// <summary>The service over HTTP on a database of its own, without a broker: facts are learned by hand, and so are subscriptions run.</summary>
internal sealed class AppraisalService : IAsyncDisposable
{
    private const string Name = "appraisal";
    private readonly TestTokens tokens = new();
    private readonly WebApplication app;
    private readonly HttpClient http = new();
    private long position = 100;

    private AppraisalService(string database, ProcedureBook book, ILoggerProvider? log, TimeProvider? clock)
    {
        var builder = WebApplication.CreateBuilder();
        // Connections go with the service: each call would make its own.
        builder.Configuration[$"ConnectionStrings:{Name}"] = new NpgsqlConnectionStringBuilder(database) { Pooling = true, MaxPoolSize = 20 }.ConnectionString;
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        if (log is not null) builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        if (clock is not null) builder.Services.AddSingleton(clock);
        builder.AddServiceDefaults(Name);
        tokens.Admit(builder);
        builder.AddNtmStore(Name, options => options.AddStoredEvents().AddProcedures().AddConfirmations().AddEligibility().AddRecognitions().AddDocuments().AddCouncil().AddQueue(book).KeepFactsOf(Name));
        builder.Services.AddSingleton(book).AddSingleton<Learning>().AddSingleton<EligibilityKeeper>().AddDossiers().AddCouncil();
        app = builder.Build();
        app.UseServiceDefaults();
        var api = app.MapGroup("/api/appraisal").RequireAuthorization();
        api.MapEligibility();
        api.MapConfirmations();
        api.MapDossiers();
        api.MapCouncil();
        api.MapQueue();
        api.MapHistory();
        api.MapProcedures();
        api.MapRecognitions();
    }

    public IDocumentStore Store => app.Services.GetRequiredService<IDocumentStore>();

    public IServiceProvider Services => app.Services;

    public EligibilityKeeper Keeper => app.Services.GetRequiredService<EligibilityKeeper>();

    /// <param name="book">Other procedures than the house's own.</param>
    /// <param name="log">Takes whatever is logged; null for nobody.</param>
    /// <param name="clock">The service's day; null for today.</param>
    public static async Task<AppraisalService> StartAsync(string database, ProcedureBook? book = null, ILoggerProvider? log = null, TimeProvider? clock = null)
    {
        var service = new AppraisalService(database, book ?? Given.Book, log, clock);
        await service.Store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await service.app.StartAsync();
        service.http.BaseAddress = new(service.app.Urls.Single());
        return service;
    }

    /// <summary>A map of nothing yet, with the parts of this service.</summary>
    public IntegrationMap Map() => new(Name) { Parts = Services.GetRequiredService };

    /// <summary>Takes a fact in as the queue's consumer does.</summary>
    public Task LearnAsync(IIntegrationEvent fact, CancellationToken ct) => app.Services.GetRequiredService<Learning>().TogetherAsync([new(fact, null, Replay: null, Activity: null)], ct);

    /// <summary>A unit by its own register of one version, as Criteria announces it.</summary>
    public Task LearnUnitAsync(
        UnitRef unit, string level, Guid? parent, CancellationToken ct, DateOnly? from = null, DateOnly? to = null, IReadOnlyList<UnitLink>? before = null, IReadOnlyList<UnitLink>? after = null) =>
        LearnAsync(
            new UnitChanged(
                Given.Origin with { Stream = $"unit/{unit.Id}", Position = ++position }, new(unit.Id, level, null, [new(unit.Code, unit.Name, unit.Name, level, parent, from, to, null, "seen")], before ?? [], after ?? [])),
            ct);

    public async Task<(int Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string client, object? body = null, Guid? key = null)
    {
        var (status, text) = await TextAsync(method, path, client, body, key);
        return (status, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    /// <summary>What is answered as it is.</summary>
    public async Task<(int Status, string Text)> TextAsync(HttpMethod method, string path, string client, object? body = null, Guid? key = null, string? language = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Of(client));
        if (language is not null) request.Headers.AcceptLanguage.ParseAdd(language);
        if (body is not null)
        {
            request.Headers.Add("Idempotency-Key", (key ?? Guid.CreateVersion7()).ToString());
            request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        using var response = await http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Sends a file as it is.</summary>
    public async Task<(int Status, JsonElement Body)> UploadAsync(string path, string client, byte[] content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(content) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Of(client));
        request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    /// <summary>Brings a file back.</summary>
    public async Task<(int Status, byte[] Content, string? MediaType)> DownloadAsync(string path, string client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Of(client));
        using var response = await http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), response.Content.Headers.ContentType?.MediaType);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        tokens.Dispose();
    }
}
