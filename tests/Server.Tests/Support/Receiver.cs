using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Simkeeper.Server.Tests.Support;

/// <summary>A request as a receiver got it.</summary>
internal sealed record Received(string Method, string Url, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>Somebody's web server that callbacks are sent to: real Kestrel on a free port.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly ConcurrentQueue<Received> _received = new();
    private readonly Func<int, HttpContext, Task> _answer;
    private int _count;

    private Receiver(Func<int, HttpContext, Task> answer, string address)
    {
        _answer = answer;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://{address}:0");
        _web = builder.Build();
        _web.Run(HandleAsync);
    }

    public string Url => _web.Urls.First();

    public IReadOnlyList<Received> All => [.. _received];

    /// <summary>The number of requests that came with <c>c=</c> this in their query.</summary>
    public int CountOf(string c) => _received.Count(request => request.Url.EndsWith($"c={c}", StringComparison.Ordinal));

    /// <summary>Starts one that answers 200 to all.</summary>
    public static Task<Receiver> StartAsync() => StartAsync((_, _) => Task.CompletedTask);

    /// <param name="answer">Gets the number of the request, from 1, and what to answer into.</param>
    /// <param name="address">Where it listens; 0.0.0.0 is every address of this machine.</param>
    public static async Task<Receiver> StartAsync(Func<int, HttpContext, Task> answer, string address = "127.0.0.1")
    {
        var receiver = new Receiver(answer, address);
        await receiver._web.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>Waits until this many requests have come.</summary>
    public async Task<IReadOnlyList<Received>> GotAsync(int count) =>
        await Calls.UntilAsync(() => Task.FromResult(All), all => all.Count >= count);

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(),
            StringComparer.OrdinalIgnoreCase);
        _received.Enqueue(new Received(context.Request.Method, context.Request.GetEncodedUrl(), headers, body));
        await _answer(Interlocked.Increment(ref _count), context);
    }
}
