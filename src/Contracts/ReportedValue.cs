using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ntm.Contracts;

/// <summary>A reported figure: exactly one of a number, yes/no or a text. In JSON it is the bare scalar.</summary>
[JsonConverter(typeof(ReportedValueConverter))]
public sealed record ReportedValue
{
    private ReportedValue(decimal? number, bool? yes, string? text) => (Number, Yes, Text) = (number, yes, text);

    public decimal? Number { get; }

    public bool? Yes { get; }

    public string? Text { get; }

    public static ReportedValue Of(decimal number) => new(number, null, null);

    public static ReportedValue Of(bool yes) => new(null, yes, null);

    public static ReportedValue Of(string text) => new(null, null, text);
}

/// <summary>Reads and writes a <see cref="ReportedValue"/> as a JSON number, boolean or string.</summary>
public sealed class ReportedValueConverter : JsonConverter<ReportedValue>
{
    public override ReportedValue? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => reader.TryGetDecimal(out var number)
            ? ReportedValue.Of(number)
            : throw new JsonException("The number is out of range."),
        JsonTokenType.True => ReportedValue.Of(true),
        JsonTokenType.False => ReportedValue.Of(false),
        JsonTokenType.String => ReportedValue.Of(reader.GetString()!),
        _ => throw new JsonException("A value is a number, true, false or a text."),
    };

    public override void Write(Utf8JsonWriter writer, ReportedValue value, JsonSerializerOptions options)
    {
        if (value.Number is { } number) writer.WriteNumberValue(number);
        else if (value.Yes is { } yes) writer.WriteBooleanValue(yes);
        else writer.WriteStringValue(value.Text);
    }
}
