using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Simkeeper.Server.Tests.Support;

/// <summary>Requests as tests write them.</summary>
internal static class Calls
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>A client that follows no redirect. Whoever asks for it disposes of it.</summary>
    public static HttpClient Client(Uri url, AuthenticationHeaderValue? authorization = null) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = url,
            DefaultRequestHeaders = { Authorization = authorization },
        };

    public static AuthenticationHeaderValue Bearer(string key) => new("Bearer", key);

    public static AuthenticationHeaderValue Basic(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    public static async Task<Answer> CallAsync(
        this HttpClient client, HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        using var response = await client.SendAsync(request, Cancelled);
        return await Answer.ReadAsync(response);
    }

    /// <summary>Sends JSON, or nothing.</summary>
    public static Task<Answer> CallAsync(
        this HttpClient client, string method, string path, string? json = null, params (string Name, string Value)[] headers) =>
        client.CallAsync(new HttpMethod(method), path,
            json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"), headers);

    public static Task<Answer> FetchAsync(this HttpClient client, string path, params (string Name, string Value)[] headers) =>
        client.CallAsync(HttpMethod.Get, path, null, headers);

    /// <summary>The items of an operator's list, over as many pages as it takes.</summary>
    /// <param name="list">A path with a query.</param>
    public static async Task<List<JsonElement>> AllAsync(this HttpClient operators, string list)
    {
        var all = new List<JsonElement>();
        for (string? after = ""; after is not null;)
        {
            var page = (await operators.FetchAsync(list + after)).Is(200);
            all.AddRange(page.Items);
            after = page["next"] is { } next ? $"&after={next}" : null;
        }
        return all;
    }

    public static Task<Answer> DropAsync(this HttpClient client, string path) => client.CallAsync(HttpMethod.Delete, path);

    /// <summary>POSTs JSON.</summary>
    public static Task<Answer> JsonAsync(
        this HttpClient client, string path, string json, params (string Name, string Value)[] headers) =>
        client.CallAsync("POST", path, json, headers);

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
            Assert.False(deadline.IsCancellationRequested,
                $"It did not become so: {(seen is IEnumerable<string> lines ? string.Join("; ", lines) : seen)}");
            await Task.Delay(BetweenLooks, TimeProvider.System, Cancelled);
        }
    }
}
