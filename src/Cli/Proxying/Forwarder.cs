using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Simkeeper.Cli.Proxying;

/// <summary>Sends each request to the server, with its path as it came, and hands the answer back unchanged.</summary>
internal sealed class Forwarder : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(100);

    /// <summary>Headers of one connection, which end here (RFC 9110, 7.6.1), and those that the next connection sets by itself.</summary>
    private static readonly HashSet<string> OfConnection = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding",
        "Upgrade", "Host", "Expect",
    };

    private readonly HttpMessageInvoker _http;
    private readonly Uri _server;
    private readonly string _base;
    private readonly ServedHosts _hosts;

    public Forwarder(Uri server, ServedHosts hosts)
    {
        (_server, _base, _hosts) = (server, server.AbsoluteUri.TrimEnd('/'), hosts);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = ConnectTimeout,
            UseCookies = false,
            // The environment of whoever starts this may name this very proxy.
            UseProxy = false,
        });
    }

    public async Task AnswerAsync(HttpContext context)
    {
        if (PathOf(context) is not { } path)
        {
            await RefuseAsync(context);
            return;
        }
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(AnswerTimeout);
        try
        {
            using var request = RequestOf(context, path);
            using var answer = await _http.SendAsync(request, deadline.Token);
            deadline.CancelAfter(Timeout.InfiniteTimeSpan);
            await CopyAsync(answer, context);
        }
        catch (Exception e) when (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            if (e is not (HttpRequestException or IOException or OperationCanceledException))
                throw;
            context.Abort();
        }
        catch (Exception e) when (e is HttpRequestException or IOException && Inner<BadHttpRequestException>(e) is { } bad)
        {
            await FailAsync(context, bad.StatusCode, bad.Message);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            await FailAsync(context, StatusCodes.Status502BadGateway,
                $"Cannot talk to {_base}: {(Inner<SocketException>(e) ?? e.GetBaseException()).Message.TrimEnd('.')}.");
        }
        catch (OperationCanceledException)
        {
            await FailAsync(context, StatusCodes.Status504GatewayTimeout,
                $"{_base} did not answer within {AnswerTimeout.TotalSeconds} s.");
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>
    /// The path and query, spelled as the client did. A request outside a tunnel names its host before them; null: it names none that
    /// is served.
    /// </summary>
    private string? PathOf(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (Tunnels.HostOf(context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items) is not null)
            return target.StartsWith('/') ? target : null;
        if (target.StartsWith('/') || !Uri.TryCreate(target, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
            || (!_hosts.Serves(uri.Host) && uri.Authority != _server.Authority))
            return null;
        var rest = target[(target.IndexOf("//", StringComparison.Ordinal) + 2)..];
        var path = rest.IndexOfAny(['/', '?']);
        return path < 0 ? "/" : rest[path] == '?' ? $"/{rest[path..]}" : rest[path..];
    }

    private HttpRequestMessage RequestOf(HttpContext context, string path)
    {
        var unchanged = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(_base + path, unchanged));
        if (context.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody)
            request.Content = new StreamContent(context.Request.Body);
        else if (context.Request.ContentType is not null)
            request.Content = new ByteArrayContent([]);
        foreach (var (name, values) in context.Request.Headers)
        {
            if (!OfConnection.Contains(name) && !request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }
        return request;
    }

    private static async Task CopyAsync(HttpResponseMessage answer, HttpContext context)
    {
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
        {
            if (!OfConnection.Contains(name))
                context.Response.Headers[name] = values.ToArray();
        }
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private async Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.Connection = "close";
        await context.Response.WriteAsync(Tunnels.Refusal(_hosts));
    }

    /// <summary>An error in members that clients of every served API look for.</summary>
    private static async Task FailAsync(HttpContext context, int status, string message)
    {
        context.Response.Clear();
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteNumber("code", status);
        json.WriteString("message", message);
        json.WriteNumber("status", status);
        json.WriteEndObject();
    }

    private static T? Inner<T>(Exception? e) where T : Exception
    {
        while (e is not (null or T))
            e = e.InnerException;
        return (T?)e;
    }
}
