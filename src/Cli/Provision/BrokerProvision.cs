using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Ntm.Cli.Provision;

/// <summary>The virtual host and a user for each service, with rights by name prefix, over the broker's management API.</summary>
public sealed class BrokerProvision : IDisposable
{
    private readonly HttpClient _management;
    private readonly ProvisionSettings _settings;
    private readonly string _administrator;

    public BrokerProvision(ProvisionSettings settings)
    {
        _settings = settings;
        _administrator = Uri.UnescapeDataString(settings.Broker.UserInfo.Split(':', 2)[0]);
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(settings.Broker.UserInfo)));
        // What is on this machine is not asked for through a proxy.
        _management = new HttpClient(new SocketsHttpHandler { UseProxy = !settings.Management.IsLoopback }) { BaseAddress = settings.Management, Timeout = TimeSpan.FromSeconds(30) };
        _management.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credentials);
    }

    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        await PutAsync($"/api/vhosts/{ProvisionSettings.VirtualHost}", new { }, cancellationToken);
        await PermitAsync(_administrator, ".*", cancellationToken);
        foreach (var service in _settings.Services)
        {
            await PutAsync($"/api/users/{service.Name}", new { password = service.BrokerPassword, tags = "" }, cancellationToken);
            await PermitAsync(service.Name, RightsOf(service.Name), cancellationToken);
        }
    }

    /// <summary>
    /// What a broker that begins with nothing needs to let the house in: the virtual host, the house's users with the hashes of their passwords, their
    /// rights. No queue: that one is missing tells that what lay in it is lost. Nobody else's user: one that was taken away would be back.
    /// </summary>
    public async Task<byte[]> AccountsAsync(CancellationToken cancellationToken)
    {
        var all = (await _management.GetFromJsonAsync<JsonObject>(new Uri("/api/definitions", UriKind.Relative), cancellationToken))!;
        HashSet<string> users = [_administrator, .. _settings.Services.Select(service => service.Name)];
        var accounts = new JsonObject
        {
            ["vhosts"] = Those("vhosts", host => Is(host, "name", ProvisionSettings.VirtualHost)),
            ["users"] = Those("users", user => users.Contains((string)user["name"]!)),
            ["permissions"] = Those("permissions", right => users.Contains((string)right["user"]!) && Is(right, "vhost", ProvisionSettings.VirtualHost)),
        };
        return Encoding.UTF8.GetBytes(accounts.ToJsonString());

        JsonArray Those(string kind, Func<JsonNode, bool> wanted) => [.. all[kind]!.AsArray().Where(one => wanted(one!)).Select(one => one!.DeepClone())];

        static bool Is(JsonNode one, string name, string value) => (string?)one[name] == value;
    }

    /// <summary>Whether the broker holds the queue.</summary>
    public async Task<bool> HasQueueAsync(string queue, CancellationToken cancellationToken)
    {
        using var response = await _management.GetAsync(new Uri($"/api/queues/{ProvisionSettings.VirtualHost}/{queue}", UriKind.Relative), cancellationToken);
        return response.StatusCode == System.Net.HttpStatusCode.NotFound
            ? false
            : response.IsSuccessStatusCode ? true : throw Refused(response, $"the broker answered {(int)response.StatusCode} when asked for the queue {queue}.");
    }

    /// <summary>Throws away what waits in a queue; one that is not there has nothing.</summary>
    public async Task EmptyQueueAsync(string queue, CancellationToken cancellationToken)
    {
        using var response = await _management.DeleteAsync(new Uri($"/api/queues/{ProvisionSettings.VirtualHost}/{queue}/contents", UriKind.Relative), cancellationToken);
        if (!response.IsSuccessStatusCode && response.StatusCode != System.Net.HttpStatusCode.NotFound)
            throw Refused(response, $"the broker answered {(int)response.StatusCode} when told to empty the queue {queue}.");
    }

    /// <summary>After a restore, once: what operators had declared on the broker (users, policies) beside our own.</summary>
    public async Task TakeBackAsync(string definitions, CancellationToken cancellationToken)
    {
        if (!File.Exists(definitions)) return;
        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(definitions, cancellationToken)) { Headers = { ContentType = new("application/json") } };
        using var response = await _management.PostAsync(new Uri("/api/definitions", UriKind.Relative), content, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"the broker does not take back {definitions} ({(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}): remove the file to start without it.");
        File.Delete(definitions);
    }

    public void Dispose() => _management.Dispose();

    /// <summary>Its own queues and exchanges, and the exchanges of the contracts; never another service's queue.</summary>
    private static string RightsOf(string service) => $@"^({service}([-_].*)?|Ntm\..*|MassTransit.*)$";

    private Task PermitAsync(string user, string pattern, CancellationToken cancellationToken) => PutAsync(
        $"/api/permissions/{ProvisionSettings.VirtualHost}/{Uri.EscapeDataString(user)}",
        new { configure = pattern, write = pattern, read = pattern },
        cancellationToken);

    private async Task PutAsync(string path, object body, CancellationToken cancellationToken)
    {
        using var response = await _management.PutAsJsonAsync(path, body, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw Refused(response, $"the broker answered {(int)response.StatusCode} to PUT {path}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
    }

    /// <summary>What a broker that is just starting cannot do yet may be asked for again.</summary>
    private static Exception Refused(HttpResponseMessage response, string message) =>
        (int)response.StatusCode >= 500 ? new HttpRequestException(message, null, response.StatusCode) : new InvalidOperationException(message);
}
