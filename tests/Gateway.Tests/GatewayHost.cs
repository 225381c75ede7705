using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Ntm.Gateway.Tests;

/// <summary>The real gateway on real sockets of random ports.</summary>
internal sealed class GatewayHost : WebApplicationFactory<Program>
{
    public const string Secret = "a-secret-of-the-tests";
    private readonly Dictionary<string, string?> settings;
    private readonly string environment;

    private GatewayHost(string environment, Dictionary<string, string?> settings) => (this.environment, this.settings) = (environment, settings);

    public Uri Http => Address(0);

    public Uri GrpcDoor => Address(1);

    public static GatewayHost Start(string keysFolder, IReadOnlyDictionary<string, string?>? more = null, string environment = "Development")
    {
        var all = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["urls"] = "http://127.0.0.1:0",
            ["GATEWAY_GRPC_PORT"] = FreePort(),
            ["Ntm:Auth:KeysFolder"] = keysFolder,
            ["Ntm:Auth:LocalClientSecret"] = Secret,
        };
        foreach (var (name, value) in more ?? new Dictionary<string, string?>(StringComparer.Ordinal)) all[name] = value;
        var host = new GatewayHost(environment, all);
        host.UseKestrel();
        host.StartServer();
        return host;
    }

    public HttpClient Client(string? token = null, string? language = null)
    {
        var client = new HttpClient { BaseAddress = Http };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (language is not null) client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        return client;
    }

    public async Task<HttpResponseMessage> AskForTokenAsync(string clientId, string secret = Secret, string grantType = "client_credentials")
    {
        using var client = Client();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = grantType,
            ["client_id"] = clientId,
            ["client_secret"] = secret,
        });
        return await client.PostAsync(new Uri("/connect/token", UriKind.Relative), form, TestContext.Current.CancellationToken);
    }

    public async Task<string> TokenAsync(string clientId)
    {
        using var answer = await AskForTokenAsync(clientId);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return body.GetProperty("access_token").GetString()!;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(environment);
        foreach (var (name, value) in settings) builder.UseSetting(name, value);
    }

    /// <summary>The gateway tells its two doors apart by their ports, so the second one is chosen before.</summary>
    private static string FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }

    private Uri Address(int door) =>
        new(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(door));
}
