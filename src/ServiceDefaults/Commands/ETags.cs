using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Ntm.ServiceDefaults;

/// <summary>Stream version ↔ ETag: <c>"7"</c>.</summary>
public static class ETags
{
    public static string Of(long version) => $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";

    /// <summary>The expected version of the request; null when none was given. Weak tags and lists are refused.</summary>
    public static (long? Version, Refusal? Refusal) Expected(HttpRequest request)
    {
        var header = request.Headers.IfMatch;
        if (header.Count == 0) return (null, null);
        var tag = header.ToString().Trim();
        if (header.Count == 1 && tag is ['"', .. var inner, '"'] && long.TryParse(inner, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            return (version, null);
        return (null, Refusal.Malformed("If-Match", "if-match", "If-Match phải là một phiên bản dạng \"7\".", "If-Match must be one version such as \"7\"."));
    }
}
