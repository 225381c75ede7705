using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ntm.ServiceDefaults;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>A large body finds no room aside on this machine's disk: that is said, and is not the caller's mistake.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private const int NoSpace = 28; // ENOSPC
    private const int BrokenPipe = 32; // EPIPE: as when the caller has gone
    private readonly WebApplication service;
    private readonly HttpClient http = new();

    public FullDiskTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<HouseMetrics>();
        builder.Services.AddProblems();
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        service = builder.Build();
        service.Urls.Add("http://127.0.0.1:0");
        service.UseProblems();
        service.Use((request, next) =>
        {
            request.Request.Body = new Failing(request.Request.Body, int.Parse(request.Request.Query["with"].ToString(), System.Globalization.CultureInfo.InvariantCulture));
            // A form sets its files aside by itself, behind what holds the body.
            if (request.Request.Path != "/form") BodyBuffer.Take(request);
            return next(request);
        });
        service.MapPost("/json", (Note note) => note.Text.Length);
        service.MapPost("/bytes", async (HttpContext request) =>
        {
            await request.Request.Body.CopyToAsync(Stream.Null, request.RequestAborted);
            return Results.Ok();
        });
        service.MapPost("/form", async (HttpContext request) => (await UploadedFile.ReadAsync(request, null, "x", request.RequestAborted)).Refusal is { } refusal ? Problems.Of(refusal) : Results.Ok());
    }

    public async ValueTask InitializeAsync()
    {
        await service.StartAsync(TestContext.Current.CancellationToken);
        http.BaseAddress = new(service.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await service.DisposeAsync();
    }

    [Theory]
    [InlineData("json")]
    [InlineData("bytes")]
    [InlineData("form")]
    public async Task A_body_for_which_the_disk_has_no_room_is_answered_with_storage_full(string kind)
    {
        var (status, rule, retry) = await SendAsync(kind, NoSpace);
        Assert.Equal((503, "storage-full"), (status, rule));
        Assert.NotNull(retry);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("form")]
    public async Task A_body_that_breaks_off_cannot_be_read(string kind)
    {
        var (status, rule, _) = await SendAsync(kind, BrokenPipe);
        Assert.Equal(400, status);
        Assert.StartsWith("malformed-", rule, StringComparison.Ordinal);
    }

    private async Task<(int Status, string Rule, TimeSpan? Retry)> SendAsync(string kind, int error)
    {
        var large = new string('x', 100_000);
        using HttpContent content = kind switch
        {
            "json" => JsonContent.Create(new Note(large)),
            "bytes" => new StringContent(large),
            _ => new MultipartFormDataContent { { new StringContent(large, new MediaTypeHeaderValue("text/plain")), "file", "x.txt" } },
        };
        using var response = await http.PostAsync(new Uri($"/{kind}?with={error}", UriKind.Relative), content, TestContext.Current.CancellationToken);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, problem.GetProperty("type").GetString()!.Split('/')[^1], response.Headers.RetryAfter?.Delta);
    }

    private sealed record Note(string Text);

    /// <summary>Takes what memory holds and then fails with an error of the operating system, as what is set aside does.</summary>
    private sealed class Failing(Stream body, int error) : Stream
    {
        private int taken;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => taken;

        public override long Position
        {
            get => taken;
            set => Assert.Equal(taken, value);
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (taken > 30 * 1024) throw new IOException("The operating system says no.", error);
            var read = await body.ReadAsync(buffer, cancellationToken);
            taken += read;
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
