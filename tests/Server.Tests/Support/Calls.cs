using System.Text;
using System.Text.Json;

namespace Simkeeper.Server.Tests.Support;

/// <summary>An answer of a server, read to its end.</summary>
internal sealed record Answer(int Status, string? ContentType, string Text)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>A property: a string as its text, null as null, all else as JSON.</summary>
    public string? this[string name] => Json.GetProperty(name) is { ValueKind: JsonValueKind.String or JsonValueKind.Null } text
        ? text.GetString()
        : Json.GetProperty(name).GetRawText();

    /// <summary>The answer, if it has this status; else the test fails and shows it.</summary>
    public Answer Is(int status)
    {
        Assert.True(Status == status, $"{Status} instead of {status}: {Text}");
        return this;
    }

    public override string ToString() => $"{Status} {Text}";
}

/// <summary>Requests as tests write them.</summary>
internal static class Calls
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<Answer> CallAsync(this HttpClient client, HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await client.SendAsync(request, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        return new Answer((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), text);
    }

    public static Task<Answer> FetchAsync(this HttpClient client, string path) => client.CallAsync(HttpMethod.Get, path);

    public static Task<Answer> DropAsync(this HttpClient client, string path) => client.CallAsync(HttpMethod.Delete, path);

    public static Task<Answer> JsonAsync(this HttpClient client, string path, string json) =>
        client.CallAsync(HttpMethod.Post, path, new StringContent(json, Encoding.UTF8, "application/json"));

    /// <summary>POSTs an HTML form.</summary>
    public static Task<Answer> FormAsync(this HttpClient client, string path, params (string Name, string Value)[] form) =>
        client.CallAsync(HttpMethod.Post, path, new FormUrlEncodedContent(form.Select(pair => KeyValuePair.Create(pair.Name, pair.Value))));

    /// <summary>Looks until it is so; fails when that takes too long.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> isSo)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(Patience);
        while (true)
        {
            var seen = await look();
            if (isSo(seen))
                return seen;
            Assert.False(deadline.IsCancellationRequested, $"It did not become so: {seen}");
            await Task.Delay(BetweenLooks, TimeProvider.System, Cancelled);
        }
    }
}
