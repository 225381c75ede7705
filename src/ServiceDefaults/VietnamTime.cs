using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ntm.ServiceDefaults;

/// <summary>The country's time: UTC+07:00 all year, no daylight saving since 1975.</summary>
public static class VietnamTime
{
    public static readonly TimeSpan Offset = TimeSpan.FromHours(7);

    public static DateTimeOffset ToVietnam(this DateTimeOffset instant) => instant.ToOffset(Offset);

    /// <summary>The calendar day in Vietnam at this instant.</summary>
    public static DateOnly DayOf(DateTimeOffset instant) => DateOnly.FromDateTime(instant.ToOffset(Offset).DateTime);

    public static DateOnly Today(this TimeProvider clock) => DayOf(clock.GetUtcNow());
}

/// <summary>Answers carry instants with the offset +07:00.</summary>
internal sealed class VietnamInstantConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToVietnam());
}
