using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ntm.Contracts;

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
        options.Converters.Add(new JsonStringEnumConverter());
    }

    /// <summary>For bodies and answers.</summary>
    public static void ConfigureHttp(JsonSerializerOptions options)
    {
        ConfigureStored(options);
        options.AllowDuplicateProperties = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new VietnamInstantConverter());
        options.Converters.Add(new ExactNumberConverter());
        options.Converters.Add(new StorableTextConverter());
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

/// <summary>A number that no decimal holds exactly is refused by its field's rule, not rounded.</summary>
internal sealed class ExactNumberConverter : JsonConverter<decimal>
{
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number ? ExactNumber.Read(ref reader) : throw new JsonException("A number is expected.");

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}

/// <summary>The store keeps every character of Unicode but U+0000.</summary>
internal sealed class StorableTextConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is not JsonTokenType.String ? throw new JsonException("A text is expected.")
        : reader.GetString() is { } text && !text.Contains('\0', StringComparison.Ordinal) ? text
        : throw new JsonException("A text holds no character U+0000.");

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
