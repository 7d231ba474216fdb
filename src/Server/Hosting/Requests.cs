using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Simkeeper.Server.Hosting;

/// <summary>Reads what requests of every API have in common.</summary>
internal static class Requests
{
    private const int ChunkMax = 8192;

    /// <summary>The largest body that is waited for, in bytes. Kestrel keeps more than that of a request.</summary>
    private const int AheadMax = 65_536;

    /// <summary>The segments of the path. Doubled slashes count as one, as some documented examples need.</summary>
    public static string[] Path(this HttpRequest request) =>
        (request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The query's parameters in order, with names as they were sent.</summary>
    public static List<KeyValuePair<string, string>> QueryParameters(this HttpRequest request)
    {
        var parameters = new List<KeyValuePair<string, string>>();
        foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
            parameters.Add(new(pair.DecodeName().ToString(), pair.DecodeValue().ToString()));
        return parameters;
    }

    /// <summary>The body as it is sent, or unpacked if it is packed with gzip and may be.</summary>
    /// <exception cref="BadHttpRequestException">It has another content coding (415).</exception>
    public static Stream Content(this HttpRequest request, bool takesGzip = false)
    {
        var coding = request.Headers.ContentEncoding.ToString().Trim();
        if (coding is "" or "identity")
            return new RequestBody(request.Body);
        if (takesGzip && coding is "gzip")
            return new GZipStream(new RequestBody(request.Body), CompressionMode.Decompress);
        throw new BadHttpRequestException(
            $"The Content-Encoding {Shown(coding)} is not supported here. {(takesGzip ? "Send gzip, or leave it out." : "Leave it out.")}",
            StatusCodes.Status415UnsupportedMediaType);
    }

    /// <summary>Waits until the body has arrived, if it is a small one; its reading then waits for nothing.</summary>
    /// <exception cref="BadHttpRequestException">It does not arrive as promised.</exception>
    public static async ValueTask ArriveAsync(this HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || request.ContentLength is 0 or > AheadMax
            || request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true })
            return;
        try
        {
            var read = await request.BodyReader.ReadAtLeastAsync(
                (int)(request.ContentLength ?? AheadMax), request.HttpContext.RequestAborted);
            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
        catch (Exception e) when (e is IOException and not BadHttpRequestException)
        {
            throw RequestBody.Broken(e);
        }
    }

    /// <summary>The body, unpacked, if it is not larger than allowed.</summary>
    /// <param name="takesGzip">It may be packed with gzip.</param>
    /// <exception cref="BadHttpRequestException">
    /// It is too large (413), has a content coding that is not supported (415), or does not arrive as promised.
    /// </exception>
    public static async Task<byte[]> BodyAsync(this HttpRequest request, long bytesMax, bool takesGzip = false)
    {
        if (request.ContentLength > bytesMax)
            throw TooLarge(bytesMax);
        var content = request.Content(takesGzip);
        var promised = content is RequestBody ? request.ContentLength : null;
        // Made in its right size, if that is known and small: what grows by doubling ends among the large objects.
        var body = new byte[Math.Clamp(promised ?? ChunkMax, 1, AheadMax)];
        var length = 0;
        try
        {
            int read;
            while (length != promised && (read = await content.ReadAsync(body.AsMemory(length), request.HttpContext.RequestAborted)) > 0)
            {
                length += read;
                if (length > bytesMax)
                    throw TooLarge(bytesMax);
                if (length == body.Length && length != promised)
                    Array.Resize(ref body, length * 2);
            }
        }
        catch (InvalidDataException)
        {
            throw new BadHttpRequestException("The body is not the gzip that its Content-Encoding says.");
        }
        Array.Resize(ref body, length);
        return body;
    }

    /// <summary>True if the request has <c>Authorization: Bearer …</c>.</summary>
    public static bool HasBearer(this HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase);

    /// <summary>The token of <c>Authorization: Bearer …</c>, or null.</summary>
    public static string? Bearer(this HttpRequest request) =>
        request.HasBearer() ? request.Headers.Authorization.ToString()[7..].Trim() : null;

    /// <summary><c>user:password</c> of <c>Authorization: Basic …</c>, or null.</summary>
    public static string? Basic(this HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return null;
        var bytes = new byte[header.Length];
        return Convert.TryFromBase64String(header[6..].Trim(), bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    /// <summary>Reads a body of JSON in valid UTF-8. Its names must all be text, and none may come twice in one object.</summary>
    /// <exception cref="JsonException">The body is not such JSON.</exception>
    public static JsonDocument Json(byte[] body, int depthMax)
    {
        if (!Utf8.IsValid(body))
            throw new JsonException("The body is not valid UTF-8.");
        try
        {
            return JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = depthMax });
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("A name has an escaped half of a surrogate pair.", e);
        }
    }

    /// <summary>A name that came from outside, short enough to repeat.</summary>
    public static string Shown(string name, int max = 64) =>
        name.Length == 0 ? "(empty)" : name.Length <= max ? name : name[..max] + "…";

    /// <summary>A time such as <c>2026-01-02T03:04:05Z</c>, from 1970 on.</summary>
    public static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time) && text.Contains('T')
        && time.ToUnixTimeMilliseconds() >= 0;

    private static BadHttpRequestException TooLarge(long bytesMax) => new($"The body has more than {bytesMax} bytes.", 413);

    /// <summary>The caller's address. An IPv4 caller has its IPv4 address, also where the server listens on both.</summary>
    public static string? Address(this HttpContext context) => context.Connection.RemoteIpAddress is { } address ? Shown(address) : null;

    /// <summary>The standard spelling of an address.</summary>
    public static string Shown(IPAddress address) => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    /// <summary>The base of absolute URLs, without a slash at the end.</summary>
    public static string PublicUrl(this HttpRequest request, HttpSettings http) =>
        http.PublicUrl ?? $"{request.Scheme}://{request.Host.Value}";
}
