using System.Buffers;
using System.Text;
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
        JsonTokenType.Number => ReportedValue.Of(ExactNumber.Read(ref reader)),
        JsonTokenType.True => ReportedValue.Of(true),
        JsonTokenType.False => ReportedValue.Of(false),
        JsonTokenType.String when reader.GetString() is { } text && !text.Contains('\0', StringComparison.Ordinal) => ReportedValue.Of(text),
        _ => throw new JsonException("A value is a number, true, false or a text without U+0000."),
    };

    public override void Write(Utf8JsonWriter writer, ReportedValue value, JsonSerializerOptions options)
    {
        if (value.Number is { } number) writer.WriteNumberValue(number);
        else if (value.Yes is { } yes) writer.WriteBooleanValue(yes);
        else writer.WriteStringValue(value.Text);
    }
}

/// <summary>
/// Numbers of JSON as decimals, never rounded: one that a decimal cannot hold exactly becomes <see cref="Beyond"/>, which no rule
/// takes, so that the rule refuses it and not the parser.
/// </summary>
public static class ExactNumber
{
    public const decimal Beyond = decimal.MaxValue;
    private const int MostDigits = 28;

    public static decimal Read(ref Utf8JsonReader reader)
    {
        var raw = Encoding.ASCII.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan);
        return reader.TryGetDecimal(out var number) && IsExact(raw) ? number : Beyond;
    }

    private static bool IsExact(string raw)
    {
        var e = raw.IndexOfAny(['e', 'E']);
        var mantissa = e < 0 ? raw : raw[..e];
        var exponent = 0;
        if (e >= 0 && !int.TryParse(raw.AsSpan(e + 1), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out exponent)) return false;
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('-').TrimStart('0');
        var significant = digits.TrimEnd('0');
        if (significant.Length == 0) return true;
        var scale = (point < 0 ? 0 : mantissa.Length - point - 1) - exponent - (digits.Length - significant.Length);
        return significant.Length <= MostDigits && scale <= MostDigits;
    }
}
