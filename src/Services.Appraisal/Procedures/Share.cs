using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ntm.Appraisal.Procedures;

/// <summary>A share as the law writes it, <c>70/100</c>. Compared as an exact fraction, never as a rounded percentage.</summary>
[JsonConverter(typeof(ShareConverter))]
public sealed record Share(int Part, int Whole)
{
    /// <summary>Whether <paramref name="count"/> of <paramref name="all"/> is at least the share; of nothing no share is reached.</summary>
    public bool IsReached(int count, int all) => all > 0 && (long)count * Whole >= (long)Part * all;

    /// <summary>The least count of <paramref name="all"/> that reaches the share; of nothing none does, so at least 1.</summary>
    public int Needed(int all) => Math.Max(1, (int)((((long)Part * all) + Whole - 1) / Whole));

    public bool IsBelow(Share other) => (long)Part * other.Whole < (long)other.Part * Whole;

    /// <summary>Reads <c>part/whole</c>; null for no text and for another one.</summary>
    public static Share? Parse(string? text) =>
        text?.Split('/') is [var part, var whole]
        && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var p)
        && int.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out var w)
        && p > 0 && p <= w
            ? new(p, w)
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Part}/{Whole}");
}

internal sealed class ShareConverter : JsonConverter<Share>
{
    public override Share Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Share.Parse(reader.GetString()) ?? throw new JsonException("A share reads part/whole, e.g. 70/100.");

    public override void Write(Utf8JsonWriter writer, Share value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
