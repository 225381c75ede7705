using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ntm.Architecture.Tests;
using Ntm.Criteria.Assessments;
using Ntm.Criteria.Bulk;
using Ntm.Criteria.Calendars;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Completeness;
using Ntm.Criteria.Consequences;
using Ntm.Criteria.Difficulties;
using Ntm.Criteria.Evidence;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

/// <summary>The register over HTTP on a database of its own, without a broker, with a token issuer of its own.</summary>
internal sealed class CriteriaService : IAsyncDisposable
{
    private const string Name = "criteria";
    private readonly TestTokens tokens = new();
    private readonly WebApplication app;
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromMinutes(5) };

    private CriteriaService(string database, Action<StoreOptions>? further)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration[$"ConnectionStrings:{Name}"] = database;
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults(Name);
        tokens.Admit(builder);
        builder.AddNtmStore(Name, options =>
        {
            options.AddUnits().AddCatalogue().AddCalendar().AddPeriods().AddReports().AddDifficulties().AddEvidence().AddConsequences();
            further?.Invoke(options);
        });
        builder.Services.AddUnits().AddCatalogue().AddCalendar().AddPeriods().AddReports().AddEvidence().AddBulk().AddAssessments().AddCompleteness();
        app = builder.Build();
        app.UseServiceDefaults();
        var api = app.MapGroup("/api/criteria").RequireAuthorization();
        api.MapUnits();
        api.MapAssessments();
        api.MapPeriods();
        api.MapReports();
        api.MapDifficulties();
        api.MapEvidence();
        api.MapBulk();
        api.MapCompleteness();
        app.MapPost("/test/grpc-refusal", http =>
        {
            http.Response.ContentType = "application/grpc";
            http.Response.Headers["grpc-status"] = "7";
            return Task.CompletedTask;
        });
    }

    public IDocumentStore Store => app.Services.GetRequiredService<IDocumentStore>();

    public IServiceProvider Services => app.Services;

    public Npgsql.NpgsqlDataSource Database => app.Services.GetRequiredService<Npgsql.NpgsqlDataSource>();

    public SetCatalogue Sets => app.Services.GetRequiredService<SetCatalogue>();

    /// <summary>The service before its start: the schema is there, nothing is imported.</summary>
    public static async Task<CriteriaService> PrepareAsync(string database, Action<StoreOptions>? further = null)
    {
        var service = new CriteriaService(database, further);
        await service.Store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        return service;
    }

    /// <param name="further">What the store knows beside, as a later version of the program would.</param>
    public static async Task<CriteriaService> StartAsync(string database, Action<StoreOptions>? further = null)
    {
        var service = await PrepareAsync(database, further);
        await service.app.StartAsync();
        service.http.BaseAddress = new(service.app.Urls.Single());
        return service;
    }

    public async Task<(int Status, JsonElement Body)> GetAsync(string path, string client = "auditor@0#an")
    {
        var (status, bytes, _) = await SendAsync(HttpMethod.Get, path, client);
        return (status, bytes.Length == 0 ? default : JsonDocument.Parse(bytes).RootElement);
    }

    public async Task<(int Status, JsonElement Body)> WriteAsync(HttpMethod method, string path, string client, object body, string? key = null)
    {
        var (status, bytes, _) = await SendAsync(method, path, client, new StringContent(JsonSerializer.Serialize(body, NtmJson.Http), Encoding.UTF8, "application/json"), key);
        return (status, bytes.Length == 0 ? default : JsonDocument.Parse(bytes).RootElement);
    }

    public async Task<(int Status, byte[] Bytes, HttpResponseMessage Answer)> SendAsync(HttpMethod method, string path, string client, HttpContent? content = null, string? key = null, string? ifNoneMatch = null, string? token = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? tokens.Of(client));
        if (method != HttpMethod.Get) request.Headers.Add("Idempotency-Key", key ?? Guid.CreateVersion7().ToString());
        // A large body may be refused before it is sent.
        if (content?.Headers.ContentLength > 1_000_000) request.Headers.ExpectContinue = true;
        if (ifNoneMatch is not null) request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        var response = await http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), response);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        tokens.Dispose();
    }
}
