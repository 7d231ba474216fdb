using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Simkeeper.Cli;

/// <summary>Speaks the operator API. Every answer that is not a success becomes a <see cref="CommandException"/>.</summary>
internal sealed class ApiClient : IDisposable
{
    public const string DefaultUrl = "http://127.0.0.1:8080";
    private const int AnswerBytesMax = 32 * 1024 * 1024;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(60);
    private readonly HttpClient _http;
    private readonly Uri _url;

    private ApiClient(Uri url, string key)
    {
        _url = url;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = ConnectTimeout,
            // A server that takes long to decide if it wants an import must not be sent the whole file for nothing.
            Expect100ContinueTimeout = ConnectTimeout,
            UseCookies = false,
            UseProxy = !url.IsLoopback,
        })
        {
            BaseAddress = new Uri($"{url.AbsoluteUri.TrimEnd('/')}/operator/v1/"),
            MaxResponseContentBufferSize = AnswerBytesMax,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("simkeeper");
    }

    /// <summary>The server's address, without a slash at the end.</summary>
    public string Url => _url.AbsoluteUri.TrimEnd('/');

    /// <summary>The address of the server that the options and the environment name.</summary>
    /// <exception cref="CommandException">It is no address.</exception>
    public static Uri ServerOf(ParseResult parsed)
    {
        var url = parsed.GetValue(SharedOptions.Url) ?? Setting("SIMKEEPER_URL") ?? DefaultUrl;
        return Uri.TryCreate(url, UriKind.Absolute, out var server) && server.Scheme is "http" or "https"
            && server.UserInfo.Length + server.Query.Length + server.Fragment.Length == 0
            ? server
            : throw new CommandException($"--url must be like {DefaultUrl}.", ExitCode.WrongUse);
    }

    public static ApiClient From(ParseResult parsed)
    {
        var server = ServerOf(parsed);
        var key = parsed.GetValue(SharedOptions.Key) ?? Setting("SIMKEEPER_KEY") ?? throw new CommandException(
            "An operator key is needed: set SIMKEEPER_KEY or give --key. A sandbox has skop_sandbox, any other server wrote its"
            + " first key to credentials.json in its data folder.",
            ExitCode.WrongUse);
        if (key.Length == 0 || !key.All(c => c is > ' ' and <= '~'))
            throw new CommandException("The operator key must be printable ASCII without spaces.", ExitCode.WrongUse);
        return new ApiClient(server, key);
    }

    /// <summary>Gets one object, which has at least these members.</summary>
    public Task<JsonDocument> GetAsync(string path, string[] members, CancellationToken cancellation) =>
        ReadAsync(new HttpRequestMessage(HttpMethod.Get, path), members, cancellation);

    /// <summary>Sends an object of texts, without those that are null, and reads the object of the answer.</summary>
    public Task<JsonDocument> PostAsync(
        string path, Dictionary<string, string?> body, string[] members, CancellationToken cancellation)
    {
        var given = body.Where(member => member.Value is not null).ToDictionary();
        var content = JsonContent.Create(given, BodyJson.Default.DictionaryStringString);
        return ReadAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content }, members, cancellation);
    }

    /// <summary>Sends a JSON object, or nothing, and reads the object of the answer; null: the answer has no body.</summary>
    public Task<JsonDocument?> SendAsync(
        HttpMethod method, string path, Action<Utf8JsonWriter>? write, CancellationToken cancellation)
    {
        if (write is null)
            return SendAsync(method, path, (HttpContent?)null, cancellation);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            write(json);
        var body = new ByteArrayContent(buffer.ToArray());
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return SendAsync(method, path, body, cancellation);
    }

    /// <summary>Sends a body, or nothing, and reads the object of the answer; null: the answer has no body.</summary>
    public async Task<JsonDocument?> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellation) =>
        await ReadOrNothingAsync(new HttpRequestMessage(method, path) { Content = body }, [], cancellation);

    /// <summary>Sends a body of any length and returns when the answer begins. The answer may go on for any time.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, HttpContent body, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        // A refusal (a wrong key, no such account) then comes before the body is on its way, and is not lost in a reset connection.
        request.Headers.ExpectContinue = true;
        return SendAsync(request, cancellation);
    }

    /// <summary>Begins to read server-sent events; with an id, those after it.</summary>
    public Task<HttpResponseMessage> ListenAsync(string path, string? lastEventId, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        return SendAsync(request, cancellation);
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonDocument> ReadAsync(HttpRequestMessage request, string[] members, CancellationToken cancellation) =>
        await ReadOrNothingAsync(request, members, cancellation) ?? throw NoJson();

    private async Task<JsonDocument?> ReadOrNothingAsync(HttpRequestMessage request, string[] members, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(AnswerTimeout);
        try
        {
            using var sent = request;
            using var response = await SendAsync(request, deadline.Token);
            await response.Content.LoadIntoBufferAsync(AnswerBytesMax, deadline.Token);
            if (response.StatusCode == HttpStatusCode.NoContent)
                return null;
            var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(deadline.Token));
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object && members.All(name => root.TryGetProperty(name, out _))
                ? document
                : throw new JsonException();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CommandException($"{_url} did not answer within {AnswerTimeout.TotalSeconds} s.");
        }
        catch (HttpRequestException broken)
        {
            throw Unreachable(broken);
        }
        catch (JsonException)
        {
            throw NoJson();
        }
    }

    private CommandException NoJson() => new($"{_url} did not answer with the JSON it should; is it a Simkeeper server?");

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (HttpRequestException broken)
        {
            throw Unreachable(broken);
        }
        catch (OperationCanceledException late) when (late.InnerException is TimeoutException)
        {
            throw new CommandException($"Cannot talk to {_url}: no connection within {ConnectTimeout.TotalSeconds} s.");
        }
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await RefusedAsync(response, cancellation);
    }

    private CommandException Unreachable(HttpRequestException broken)
    {
        // A server of http answers a TLS greeting with words that no TLS library understands.
        var reason = _url.Scheme == "https" && broken.HttpRequestError == HttpRequestError.SecureConnectionError
            && broken.InnerException is AuthenticationException or IOException
            ? "this port does not speak https; perhaps it speaks http"
            : broken.GetBaseException().Message.TrimEnd('.');
        return new($"Cannot talk to {_url}: {reason}.", ExitCode.Failed, broken);
    }

    private async Task<CommandException> RefusedAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        try
        {
            await response.Content.LoadIntoBufferAsync(AnswerBytesMax, cancellation);
            using var problem = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellation));
            var detail = problem.RootElement.GetProperty("detail").GetString();
            var code = problem.RootElement.GetProperty("code").GetString();
            return new CommandException($"{detail} ({status} {code})", isAnswer: status < 500);
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or KeyNotFoundException or InvalidOperationException)
        {
            return new CommandException($"{_url} answered {status} without saying why; is it a Simkeeper server?");
        }
    }

    private static string? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}

/// <summary>The JSON of request bodies.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class BodyJson : JsonSerializerContext;
