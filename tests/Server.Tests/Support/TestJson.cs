using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Simkeeper.Server.Tests.Support;

/// <summary>
/// Writes what tests send, anonymous types included. The server may not do that: reflection is off by default in the tests too,
/// so that JSON which the native build could not write fails here.
/// </summary>
internal static class TestJson
{
    private static readonly JsonSerializerOptions Reflected =
        new(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    public static string Text<T>(T value) => JsonSerializer.Serialize(value, Reflected);

    public static StringContent Content<T>(T value) => new(Text(value), Encoding.UTF8, "application/json");
}
