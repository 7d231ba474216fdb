namespace Clients;

/// <summary>Tells on stdout what a generated client sends and sees, in words that do not depend on the generator.</summary>
internal sealed class Story : DelegatingHandler
{
    private Story()
        : base(new SocketsHttpHandler())
    {
    }

    /// <summary>The body of the latest request.</summary>
    public string Sent { get; private set; } = "";

    /// <summary>Makes the HTTP client of a generated client, with the address of the server and perhaps a bearer key.</summary>
    public static (HttpClient Http, Story Story) Begin(string? key = null)
    {
        var story = new Story();
        var http = new HttpClient(story) { BaseAddress = new Uri(Environment.GetEnvironmentVariable("SIMKEEPER_URL")!) };
        if (key is not null)
            LogIn(http, key);
        return (http, story);
    }

    public static void LogIn(HttpClient http, string key) => http.DefaultRequestHeaders.Authorization = new("Bearer", key);

    public static void Tell(params object?[] words) => Console.WriteLine(string.Join(' ', words));

    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> satisfied)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            var answer = await ask();
            if (satisfied(answer))
                return answer;
            await Task.Delay(100, deadline.Token);
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } body)
        {
            await body.LoadIntoBufferAsync(cancellationToken);
            Sent = await body.ReadAsStringAsync(cancellationToken);
        }
        return await base.SendAsync(request, cancellationToken);
    }
}
