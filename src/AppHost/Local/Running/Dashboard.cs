using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Ntm.AppHost.Local;

/// <summary>Where the dashboard is and what opens it.</summary>
internal sealed record DashboardAddress(string Program, int Port, int OtlpPort, string LoginToken, string OtlpKey, string ApiKey)
{
    public string Frontend => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}");

    public string Otlp => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{OtlpPort}");

    public string Login => $"{Frontend}/login?t={Uri.EscapeDataString(LoginToken)}";
}

/// <summary>Where the run serves what it knows of its resources, and what a reader must show.</summary>
internal sealed record ResourceServiceAddress(int Port, string Key)
{
    public string Url => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}");
}

/// <summary>The genuine Aspire dashboard, told where the resource service is.</summary>
internal sealed class DashboardRecipe(DashboardAddress address, ResourceServiceAddress resources, DataFolder data) : IRecipe
{
    public const string ResourceName = "aspire-dashboard";

    public Task<ProcessSpec> PrepareAsync(ResourceLog log, CancellationToken cancellationToken)
    {
        var home = Directory.CreateDirectory(
            Path.Combine(data.Root, "dashboard"),
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return Task.FromResult(new ProcessSpec(address.Program, ["dashboard"], Path.GetDirectoryName(address.Program)!)
        {
            Environment = new Dictionary<string, string>(ProcessSpec.Minimal, StringComparer.Ordinal)
            {
                ["HOME"] = home.FullName,
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["ASPNETCORE_URLS"] = address.Frontend,
                ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
                ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = address.Otlp,
                ["ASPIRE_DASHBOARD_TELEMETRY_OPTOUT"] = "true",
                ["DASHBOARD__FRONTEND__AUTHMODE"] = "BrowserToken",
                ["DASHBOARD__FRONTEND__BROWSERTOKEN"] = address.LoginToken,
                ["DASHBOARD__OTLP__AUTHMODE"] = "ApiKey",
                ["DASHBOARD__OTLP__PRIMARYAPIKEY"] = address.OtlpKey,
                ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = resources.Url,
                ["DASHBOARD__RESOURCESERVICECLIENT__AUTHMODE"] = "ApiKey",
                ["DASHBOARD__RESOURCESERVICECLIENT__APIKEY"] = resources.Key,
                // The health check comes without a login, every few seconds.
                ["Logging__LogLevel__Aspire.Dashboard.Authentication"] = "Warning",
                ["ASPIRE_DASHBOARD_API_ENABLED"] = "true",
                ["DASHBOARD__API__AUTHMODE"] = "ApiKey",
                ["DASHBOARD__API__PRIMARYAPIKEY"] = address.ApiKey,
            },
        });
    }

    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken) =>
        await Probe.StatusAsync(address.Frontend, cancellationToken) is < 500 && await Probe.AcceptsAsync(address.OtlpPort, cancellationToken);
}
