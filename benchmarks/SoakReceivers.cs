using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Simkeeper.Bench;

/// <summary>Receivers of callbacks, each on an address of its own: most answer at once, some late, never, or with an error.</summary>
internal sealed class SoakReceivers : IAsyncDisposable
{
    /// <summary>Never answers.</summary>
    public const string Hanging = "127.0.3.3";

    /// <summary>Answers 500.</summary>
    public const string Failing = "127.0.3.4";

    private const string Good = "127.0.3.1", Slow = "127.0.3.2";

    private static readonly TimeSpan SlowFor = TimeSpan.FromSeconds(2);

    private readonly WebApplication _web;

    private SoakReceivers()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://0.0.0.0:0");
        _web = builder.Build();
        _web.Run(AnswerAsync);
    }

    /// <summary>Their URLs, each as often in a hundred as it is to be called.</summary>
    public List<string> Urls
    {
        get
        {
            var port = new Uri(_web.Urls.First()).Port;
            return [.. Enumerable.Range(0, 100).Select(at => at switch { < 2 => Slow, < 4 => Hanging, < 6 => Failing, _ => Good })
                .Select(host => $"http://{host}:{port}/")];
        }
    }

    public static async Task<SoakReceivers> StartAsync()
    {
        var receivers = new SoakReceivers();
        await receivers._web.StartAsync();
        return receivers;
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        try
        {
            switch (context.Request.Host.Host)
            {
                case Slow:
                    await Task.Delay(SlowFor, context.RequestAborted);
                    break;
                case Hanging:
                    await Task.Delay(Timeout.Infinite, context.RequestAborted);
                    break;
                case Failing:
                    context.Response.StatusCode = (int)HttpStatusCode.InternalServerError;
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            // The caller has gone.
        }
    }
}
