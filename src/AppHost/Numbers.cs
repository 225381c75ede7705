using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Ntm.AppHost;

/// <summary>What the start says in numbers: the fixed ports and how often each service runs.</summary>
/// <param name="Replicas">Processes of each service, at least 1.</param>
internal sealed record Numbers(int GatewayHttp, int GatewayGrpc, int Dashboard, int Replicas)
{
    private const int LastPort = 65_535;

    /// <summary>The numbers, or the sentence that says which one is none.</summary>
    public static (Numbers? Numbers, string? Wrong) Of(IConfiguration configuration)
    {
        string? wrong = null;
        var portBase = Number("port-base", 0, LastPort - 2);
        var numbers = new Numbers(
            Number("GATEWAY_HTTP_PORT", portBase > 0 ? portBase : 8080, LastPort),
            Number("GATEWAY_GRPC_PORT", portBase > 0 ? portBase + 1 : 8081, LastPort),
            Number("DASHBOARD_PORT", portBase > 0 ? portBase + 2 : 18888, LastPort),
            Number("NTM_REPLICAS", 1, int.MaxValue));
        return wrong is null ? (numbers, null) : (null, wrong);

        int Number(string name, int otherwise, int most)
        {
            if (configuration[name] is not { Length: > 0 } given) return otherwise;
            if (int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most) return number;
            wrong ??= string.Create(CultureInfo.InvariantCulture, $"{name} is '{given}' and must be a whole number from 1{(most == int.MaxValue ? " on" : $" to {most}")}.");
            return otherwise;
        }
    }
}
