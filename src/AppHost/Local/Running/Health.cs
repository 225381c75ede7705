using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Ntm.AppHost.Local;

/// <summary>One thing that was looked at, and why it is not well.</summary>
internal sealed record HealthReport(string Key, HealthStatus Status, string Reason);

/// <summary>Health over HTTP. Our services tell each check with its reason; of others the status is all there is.</summary>
internal static class HttpHealth
{
    public static async Task<IReadOnlyList<HealthReport>> AskAsync(
        EndpointReference endpoint,
        HttpHealthAnnotation check,
        CancellationToken cancellationToken)
    {
        var key = FormattableString.Invariant($"{endpoint.Resource.Name}_{endpoint.EndpointName}_{check.Path}_{check.StatusCode}_check");
        if (await Probe.GetAsync(endpoint.Url + check.Path, cancellationToken) is not var (status, text))
            return [new(key, HealthStatus.Unhealthy, "does not answer")];

        var reports = Parse(text);
        var expected = status == check.StatusCode;
        if (reports.Count == 0 || expected == reports.Any(report => report.Status == HealthStatus.Unhealthy))
            reports.Insert(0, new(key, expected ? HealthStatus.Healthy : HealthStatus.Unhealthy, FormattableString.Invariant($"HTTP {status}")));
        return reports;
    }

    /// <summary><c>{ "status": …, "checks": { "name": { "status": …, "description": … } } }</c>; anything else has no checks.</summary>
    internal static List<HealthReport> Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<Answer>(text, JsonSerializerOptions.Web)?.Checks?
                .Select(check => new HealthReport(
                    check.Key,
                    Enum.TryParse<HealthStatus>(check.Value.Status, out var status) ? status : HealthStatus.Unhealthy,
                    check.Value.Description ?? ""))
                .ToList() ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private sealed record Answer(Dictionary<string, Check>? Checks);

    private sealed record Check(string? Status, string? Description);
}
