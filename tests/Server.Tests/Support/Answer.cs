using System.Net.Http.Headers;
using System.Text.Json;

namespace Simkeeper.Server.Tests.Support;

/// <summary>An answer of a server, read to its end. Two are equal if all but their headers is.</summary>
internal sealed record Answer(int Status, string? ContentType, HttpResponseHeaders Headers, string Text)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The items of a list.</summary>
    public JsonElement[] Items => [.. Json.GetProperty("items").EnumerateArray()];

    /// <summary>A property: a string as its text, null as null, all else as JSON.</summary>
    public string? this[string name] => Json.GetProperty(name) is { ValueKind: JsonValueKind.String or JsonValueKind.Null } text
        ? text.GetString()
        : Json.GetProperty(name).GetRawText();

    /// <summary>Reads the answer to its end.</summary>
    public static async Task<Answer> ReadAsync(HttpResponseMessage response) => new(
        (int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), response.Headers,
        await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

    /// <summary>This property of each item.</summary>
    public string[] Each(string name) => [.. Items.Select(item => item.GetProperty(name).GetString()!)];

    /// <summary>The answer, if it has this status; else the test fails and shows it.</summary>
    public Answer Is(int status)
    {
        Assert.True(Status == status, $"{Status} instead of {status}: {Text}");
        return this;
    }

    public bool Equals(Answer? other) => other is not null && (Status, ContentType, Text) == (other.Status, other.ContentType, other.Text);

    public override int GetHashCode() => HashCode.Combine(Status, ContentType, Text);

    public override string ToString() => $"{Status} {Text}";
}
