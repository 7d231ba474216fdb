using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Simkeeper.Server.Tests.Support;

/// <summary>Somebody who is called back: counts what comes for each <c>?c=…</c> and answers as a test wants.</summary>
internal sealed class CallbackCounter : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _received = new();

    private CallbackCounter(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    /// <summary>How often each was received.</summary>
    public IReadOnlyDictionary<string, int> Received => _received;

    /// <param name="answer">Writes the answer; null: an empty 200.</param>
    public static async Task<CallbackCounter> StartAsync(Func<HttpContext, Task>? answer = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var receiver = new CallbackCounter(builder.Build());
        receiver._app.Run(context =>
        {
            receiver._received.AddOrUpdate(context.Request.Query["c"].ToString(), 1, (_, count) => count + 1);
            return answer?.Invoke(context) ?? Task.CompletedTask;
        });
        await receiver._app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
