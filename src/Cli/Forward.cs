using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Simkeeper.Cli;

/// <summary>The answer of the developer's own receiver, or an error if there was none.</summary>
internal sealed record ForwardAnswer(int? Status, long LatencyMs, string? Text, string? Error);

/// <summary>
/// Sends deliveries to the developer's own port, just as the server would: method, headers with their signatures, query and body. The URL
/// that was signed is in <c>X-Original-Url</c>.
/// </summary>
internal sealed class Forward : IDisposable
{
    private const int AnswerCharsMax = 200;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
    {
        Timeout = Timeout,
        MaxResponseContentBufferSize = 1024 * 1024,
    };

    public Forward(string url) => Url = url;

    public string Url { get; }

    public void Dispose() => _http.Dispose();

    public async Task<ForwardAnswer> SendAsync(JsonElement delivery, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        long Elapsed() => (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        try
        {
            using var request = Request(delivery);
            using var response = await _http.SendAsync(request, cancellation);
            // Any charset it claims is ignored: the text is only shown, and an unknown charset must not end the command.
            var text = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(cancellation));
            return new ForwardAnswer(
                (int)response.StatusCode, Elapsed(), text.Length > AnswerCharsMax ? text[..AnswerCharsMax] : text, null);
        }
        catch (HttpRequestException e)
        {
            return new ForwardAnswer(null, Elapsed(), null, $"nothing ({e.GetBaseException().Message})");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new ForwardAnswer(null, Elapsed(), null, "nothing (it took too long)");
        }
    }

    private HttpRequestMessage Request(JsonElement delivery)
    {
        var original = delivery.GetProperty("url").GetString()!;
        var request = new HttpRequestMessage(new HttpMethod(delivery.GetProperty("method").GetString()!), WithQueryOf(original));
        if (delivery.GetProperty("body").GetBytesFromBase64() is { Length: > 0 } body)
            request.Content = new ByteArrayContent(body);
        foreach (var header in delivery.GetProperty("headers").EnumerateObject())
        {
            if (!request.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString()))
                request.Content?.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
        }
        request.Headers.TryAddWithoutValidation("X-Original-Url", WithoutCredentials(original));
        return request;
    }

    private string WithQueryOf(string original)
    {
        var at = original.IndexOf('?');
        return at < 0 ? Url : $"{Url}{(Url.Contains('?') ? '&' : '?')}{original[(at + 1)..]}";
    }

    private static string WithoutCredentials(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.UserInfo.Length > 0
            ? parsed.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped)
            : url;
}
