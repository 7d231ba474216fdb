using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Simkeeper.Server.Tests;

/// <summary>A request as it arrived.</summary>
internal sealed record RecordedRequest(string Method, string Target, string? Authorization, string? ContentType, string Body);

/// <summary>Listens on a free port of this machine, remembers what it is asked and plays the answer that was recorded for it.</summary>
internal sealed class RecordedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Func<HttpContext, Task>> _answers = new();

    private RecordedServer(WebApplication app) => _app = app;

    public ConcurrentQueue<RecordedRequest> Requests { get; } = new();

    public string Url => _app.Urls.Single();

    public static async Task<RecordedServer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        builder.Logging.ClearProviders();
        var server = new RecordedServer(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Plays this when method, path and query are these.</summary>
    public RecordedServer On(string method, string target, int status, string contentType, string body) =>
        On(method, target, async context =>
        {
            await ReadRequestAsync(context);
            context.Response.StatusCode = status;
            context.Response.ContentType = contentType;
            await context.Response.WriteAsync(body);
        });

    public RecordedServer On(string method, string target, Func<HttpContext, Task> answer)
    {
        _answers[$"{method} /operator/v1/{target}"] = answer;
        return this;
    }

    /// <summary>Runs the program against this server with the key of a sandbox.</summary>
    public Task<CliResult> RunAsync(params string[] args) => RunWithInputAsync("", args);

    public Task<CliResult> RunWithInputAsync(string input, params string[] args) =>
        Cli.RunAsync(new() { ["SIMKEEPER_URL"] = Url, ["SIMKEEPER_KEY"] = "skop_sandbox" }, input, args);

    /// <summary>Reads the body and remembers the request; an answer of one's own that skips this has refused before reading.</summary>
    public async Task ReadRequestAsync(HttpContext context)
    {
        using var body = new StreamReader(context.Request.Body);
        Remember(context, await body.ReadToEndAsync());
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Remember(HttpContext context, string body) => Requests.Enqueue(new RecordedRequest(
        context.Request.Method,
        Target(context),
        context.Request.Headers.Authorization,
        context.Request.ContentType,
        body));

    private static string Target(HttpContext context) => $"{context.Request.Path}{context.Request.QueryString}";

    private async Task AnswerAsync(HttpContext context)
    {
        if (_answers.TryGetValue($"{context.Request.Method} {Target(context)}", out var answer))
        {
            await answer(context);
            return;
        }
        await ReadRequestAsync(context);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        context.Response.ContentType = "application/problem+json";
        await context.Response.WriteAsync(
            $$"""{"type":"about:blank","title":"Not Found","status":404,"detail":"Not recorded: {{Target(context)}}","code":"notFound"}""");
    }
}
