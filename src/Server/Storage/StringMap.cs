using System.Text;
using System.Text.Json;

namespace Simkeeper.Server.Storage;

/// <summary>Maps of strings as stored: one JSON object, in the order of the keys as they were added.</summary>
internal static class StringMap
{
    public static string? WriteOrNull(IReadOnlyDictionary<string, string> map)
    {
        if (map.Count == 0)
            return null;
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (key, value) in map)
                json.WriteString(key, value);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    public static List<KeyValuePair<string, string>> Read(string text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        var map = new List<KeyValuePair<string, string>>();
        string? key = null;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
                key = reader.GetString();
            else if (reader.TokenType == JsonTokenType.String)
                map.Add(new(key!, reader.GetString()!));
        }
        return map;
    }
}
