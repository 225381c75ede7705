using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ntm.ServiceDefaults;

/// <summary>How the house writes JSON: camelCase, enums by name, Vietnamese letters as they are.</summary>
public static class NtmJson
{
    /// <summary>For stored events and documents.</summary>
    public static void ConfigureStored(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = true;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
    }

    /// <summary>For bodies and answers.</summary>
    public static void ConfigureHttp(JsonSerializerOptions options)
    {
        ConfigureStored(options);
        options.AllowDuplicateProperties = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new VietnamInstantConverter());
    }

    public static JsonSerializerOptions Http { get; } = Made(ConfigureHttp);

    public static JsonSerializerOptions Stored { get; } = Made(ConfigureStored);

    private static JsonSerializerOptions Made(Action<JsonSerializerOptions> configure)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        configure(options);
        return options;
    }
}
