using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Simkeeper.Server.Tests.Dialects.Gigs;

/// <summary>An answer, read whole.</summary>
internal sealed record Answer(int Status, string Text, HttpResponseHeaders Headers, string? ContentType)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The items of a list.</summary>
    public JsonElement[] Items => [.. Json.GetProperty("items").EnumerateArray()];

    public string[] Iccids => [.. Items.Select(sim => sim.GetProperty("iccid").GetString()!)];

    public string[] Ids => [.. Items.Select(sim => sim.GetProperty("id").GetString()!)];

    public string? this[string name] => Json.GetProperty(name).GetString();
}

/// <summary>Requests written as short as curl's.</summary>
internal static class Http
{
    public static async Task<Answer> SendAsync(
        this HttpClient client, string method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        var body = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        return await client.SendAsync(method, path, body, headers);
    }

    public static async Task<Answer> SendAsync(
        this HttpClient client, string method, string path, HttpContent? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body };
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        var cancelled = TestContext.Current.CancellationToken;
        using var response = await client.SendAsync(request, cancelled);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancelled), response.Headers,
            response.Content.Headers.ContentType?.ToString());
    }

    public static Task<Answer> ReadAsync(this HttpClient client, string path) => client.SendAsync("GET", path);
}
