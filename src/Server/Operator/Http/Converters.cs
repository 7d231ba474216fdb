using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>Writes the members of an enumeration by their names in camel case.</summary>
internal sealed class WordConverter<T> : JsonConverter<T> where T : struct, Enum
{
    private static readonly FrozenDictionary<T, JsonEncodedText> Names =
        Enum.GetValues<T>().ToFrozenDictionary(
            member => member, member => JsonEncodedText.Encode(JsonNamingPolicy.CamelCase.ConvertName($"{member}")));

    public static string Name(T member) => Names[member].Value;

    public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter json, T member, JsonSerializerOptions options) => json.WriteStringValue(Names[member]);
}

/// <summary>Writes times in RFC 3339, UTC, milliseconds.</summary>
internal sealed class MillisecondsConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    public override void Write(Utf8JsonWriter json, DateTimeOffset time, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[24];
        time.UtcDateTime.TryFormat(text, out var length, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        json.WriteStringValue(text[..length]);
    }
}

/// <summary>Writes durations in the largest unit that holds them.</summary>
internal sealed class DurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter json, TimeSpan duration, JsonSerializerOptions options) =>
        json.WriteStringValue(Durations.Write(duration));
}

/// <summary>JSON that is written as it is stored.</summary>
internal readonly record struct RawJson(string Text);

/// <summary>Writes JSON as it is; an empty object if it is none.</summary>
internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override RawJson Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter json, RawJson raw, JsonSerializerOptions options)
    {
        try
        {
            json.WriteRawValue(raw.Text);
        }
        catch (JsonException)
        {
            // It was checked before anything was written. One broken row must not stop a list.
            json.WriteRawValue("{}");
        }
    }
}
