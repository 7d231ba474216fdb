using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Simkeeper.Server.Tests.Fuzz;

/// <summary>A request as it goes over the wire.</summary>
/// <param name="EndsEarly">The client sends no more and waits, as if it had hung up; it may promise more than it has.</param>
/// <param name="IsCut">It promises more than it has for sure: nothing of it may be done.</param>
internal sealed record OddRequest(byte[] Bytes, bool EndsEarly, bool IsCut)
{
    private const int ShownMax = 1500;

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var b in Bytes.AsSpan(0, Math.Min(Bytes.Length, ShownMax)))
            text.Append(b is >= 0x20 and < 0x7F or (byte)'\n' ? ((char)b).ToString() : $"\\x{b:x2}");
        return Bytes.Length > ShownMax ? $"{text}… ({Bytes.Length} bytes)" : text.ToString();
    }
}

/// <summary>The parts of one API, for requests that are nearly right.</summary>
internal sealed record ApiWords
{
    public required string Authorization { get; init; }
    public required (string Method, string Path)[] Operations { get; init; }
    public required string[] OddPaths { get; init; }
    public required string[] Parameters { get; init; }
    public required string[] Values { get; init; }
    public required string ContentType { get; init; }
    public required Gen<byte[]> Bodies { get; init; }
}

/// <summary>Generates bad and odd requests: mostly almost right, because what is all wrong is refused at the door.</summary>
internal static class OddRequests
{
    private static readonly string[] OddTexts =
    [
        "", " ", "%", "%0", "%zz", "%00", "%0a", "%0d%0aX: y", "%C3%28", "%ED%A0%80", "%F0%9F%98%80", "%2F", "%2e%2e", "..", ".", "%25",
        "+", "*", ";", "'",
        "%27%20or%201%3D1--", "null", "undefined", "NaN", "-1", "0", "1e9", "99999999999999999999", "2147483648", "true", "[]", "{}",
        "%7B%7D", ",", ",,", "a,b",
        "%E2%80%AE", "%EF%BF%BD", "\u00e9", "\u0000", "a%00b", "%u0041", "&", "=", "==", "#", "?", "a=b", "//", "\\", "%5c", "<script>",
        "%3Cscript%3E",
    ];

    private static readonly string[] OddHeaders =
    [
        "Accept: text/html", "Accept-Encoding: gzip, br;q=99", "Content-Type: application/json; charset=utf-16", "Content-Type: ;;;",
        "Content-Type: multipart/form-data",
        "Idempotency-Key: k1", "Idempotency-Key: " + "\u00e9\u00ff", "Idempotency-Key: ", "X-Forwarded-For: nobody",
        "X-Forwarded-Host: evil\"", "X-Forwarded-Proto: gopher",
        "Expect: 100-continue", "Expect: the-unexpected", "Range: bytes=0-", "If-Match: *", "Cookie: a=b; =; ;;", "Upgrade: h2c",
        "Connection: upgrade", "TE: trailers",
        "Cache: no", "Via: \t", ": no name", "no colon", "Bad Name: x", "X-Ctl: \u0001", "Content-Length: -1", "Content-Length: 5",
        "Content-Length: 99999999999",
        "Transfer-Encoding: chunked", "Transfer-Encoding: gzip", "Host: other.example", "Date: never", "Authorization: Bearer",
        "Authorization: Basic !!!!",
    ];

    private static readonly string[] Promises = ["Content-Length", "Transfer-Encoding"];

    private static readonly Gen<string> Long = Gen.Choose(1, 6000).Select(length => new string('x', length));

    public static Gen<string> Text { get; } = Gen.Frequency((8, Gen.Elements(OddTexts)), (1, Long),
        (3, Gen.ArrayOf(Gen.Choose(0x21, 0x7E).Select(c => (char)c)).Select(chars => new string(chars))));

    /// <summary>JSON that is broken, of the wrong shape or too much of it, around some names and values that are right.</summary>
    public static Gen<byte[]> JsonBodies(string[] names, string[] values)
    {
        var name = Gen.Frequency((4, Gen.Elements(names)), (1, Gen.Elements("", "x", "\\ud800", "\\u0000", "gigs.com", "a.b",
            "\\ud83d\\ude00", "__proto__")),
            (1, Gen.Choose(30, 300).Select(length => new string('k', length))));
        var scalar = Gen.Frequency((4, Gen.Elements(values.Select(value => $"\"{value}\"").ToArray())), (4, Gen.Elements("null", "true",
            "0", "-1", "1e999", "1.5", "01",
            "NaN", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"\u0001\"", "\"\\x\"", "\"unterminated",
            "99999999999999999999999999", "''", "")),
            (1, Gen.Choose(200, 3000).Select(length => $"\"{new string('v', length)}\"")));
        var value = Gen.Frequency((6, scalar), (2, scalar.ListOf(3).Select(list => $"[{string.Join(",", list)}]")),
            (3, name.Zip(scalar, (key, of) => $"\"{key}\":{of}").ListOf(3).Select(list => $"{{{string.Join(",", list)}}}")),
            (1, Gen.Choose(1, 5000).Select(depth => new string('[', depth) + new string(']', depth))),
            (1, Gen.Choose(1, 3000).Select(depth => string.Concat(Enumerable.Repeat("{\"metadata\":", depth)) + "1" + new string('}',
                depth))),
            (1, Gen.Choose(8, 40).Select(count => $"{{{string.Join(",", Enumerable.Range(0, count).Select(i => $"\"k{i}\":\"v\""))}}}")));
        var document = Gen.Frequency(
            (8, Gen.Choose(0, 3).SelectMany(count => name.Zip(value, (key, of) => $"\"{key}\":{of}").ListOf(count)).Select(list =>
                $"{{{string.Join(",", list)}}}")),
            (2, value));
        return Encoded(document);
    }

    /// <summary>Forms with names that are right and odd, values that are right and odd, and what is no form at all.</summary>
    public static Gen<byte[]> FormBodies(string[] names, string[] values)
    {
        var name = Gen.Frequency((8, Gen.Elements(names)), (1, Gen.Elements("", "status", "x", "%53tatus", "%00", "a[b]", "Status%00")));
        var value = Gen.Frequency((8, Gen.Elements(values)), (3, Text));
        var pair = name.Zip(value, (key, of) => $"{key}={of}");
        var form = Gen.Frequency((10, Gen.Choose(0, 5).SelectMany(count => pair.ListOf(count)).Select(list => string.Join("&", list))), (2,
            Text), (1, Gen.Constant("&&&==&=&")));
        return Encoded(form);
    }

    public static Gen<OddRequest> Of(ApiWords api)
    {
        var methods = Gen.Elements("GET", "POST", "PATCH", "HEAD", "PUT", "OPTIONS", "TRACE", "get", "BREW", "G\u00cbT", "");
        var paths = Gen.Elements(api.Operations).Select(operation => operation.Path);
        var odd = Gen.Frequency((2, paths.Zip(Text, (path, odd) => $"{path}/{odd}")), (2, paths.Zip(Text, (path, odd) =>
            path[..(path.LastIndexOf('/') + 1)] + odd)),
            (1, paths.Select(path => path.Replace("/", "//", StringComparison.Ordinal))), (1, Text.Select(odd => "/" + odd)), (1,
                Gen.Elements(api.OddPaths)));
        var operations = Gen.Frequency((16, Gen.Elements(api.Operations)), (1, methods.Zip(paths, (method, path) => (method, path))),
            (4, Gen.Elements(api.Operations).Zip(odd, (operation, path) => (operation.Method, path))));
        var parameter = Gen.Frequency((6, Gen.Elements(api.Parameters)), (1, Text)).Zip(
            Gen.Frequency((4, Gen.Elements(api.Values)), (4, Text)), (name, value) => $"{name}={value}");
        var query = Gen.Frequency((12, Gen.Constant("")), (5, Gen.Choose(1, 4).SelectMany(count => parameter.ListOf(count)).Select(list =>
            "?" + string.Join("&", list))),
            (1, Gen.Choose(50, 400).Select(count => "?" + string.Join("&", Enumerable.Repeat(api.Parameters[0] + "=" + api.Values[0],
                count)))));
        var authorization = Gen.Frequency((40, Gen.Constant($"Authorization: {api.Authorization}\r\n")), (1, Text.Select(odd =>
            $"Authorization: {api.Authorization}{odd}\r\n")),
            (1, Gen.Constant("")));
        var headers = Gen.Frequency((20, Gen.Constant("")), (5, Gen.Elements(OddHeaders).Select(header => header + "\r\n")),
            (1, Gen.Choose(1, 120).Select(count => string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: {i}\r\n")))));
        var framing = Gen.Frequency((24, Gen.Constant(Framing.Length)), (3, Gen.Constant(Framing.Chunked)), (1,
            Gen.Elements(Framing.TooLong, Framing.TooShort, Framing.BrokenChunks, Framing.None)));
        var body = Gen.Frequency((1, Gen.Constant(Array.Empty<byte>())), (20, api.Bodies), (1, Gen.Choose(60_000, 200_000).Select(length =>
            Encoding.ASCII.GetBytes(new string('[', length)))));
        return from operation in operations
               let m = operation.Item1
               from target in query.Select(q => operation.Item2 + q)
               from head in authorization.Zip(headers, (a, h) => a + h)
               from type in Gen.Frequency((16, Gen.Constant($"Content-Type: {api.ContentType}\r\n")), (1, Gen.Constant("")))
               from content in m is "GET" ? Gen.Frequency((4, Gen.Constant(Array.Empty<byte>())), (1, body)) : body
               from frame in framing
               let early = frame == Framing.TooLong || Promises.Any(header => head.Contains(header, StringComparison.Ordinal))
               let method = early && m == "DELETE" ? "POST" : m // A client that hangs up cannot know whether its DELETE was done.
               let start = $"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}{type}"
               select new OddRequest([.. Encoding.UTF8.GetBytes(start), .. Framed(content, frame)], early, frame == Framing.TooLong);
    }

    private enum Framing
    {
        Length,
        Chunked,
        TooLong,
        TooShort,
        BrokenChunks,
        None,
    }

    private static byte[] Framed(byte[] body, Framing framing) => framing switch
    {
        Framing.Length when body.Length == 0 => "\r\n"u8.ToArray(),
        Framing.Length => [.. Encoding.ASCII.GetBytes($"Content-Length: {body.Length}\r\n\r\n"), .. body],
        Framing.TooLong => [.. Encoding.ASCII.GetBytes($"Content-Length: {body.Length + 100}\r\n\r\n"), .. body],
        Framing.TooShort => [.. Encoding.ASCII.GetBytes($"Content-Length: {body.Length / 2}\r\n\r\n"), .. body],
        Framing.Chunked => [.. Encoding.ASCII.GetBytes($"Transfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n"), .. body,
            .. body.Length == 0 ? "\r\n"u8 : "\r\n0\r\n\r\n"u8],
        Framing.BrokenChunks => [.. "Transfer-Encoding: chunked\r\n\r\nzz\r\n"u8, .. body],
        Framing.None => [.. "\r\n"u8, .. body],
    };

    /// <summary>As UTF-8, cut off somewhere, or with bytes that are no UTF-8 put in.</summary>
    private static Gen<byte[]> Encoded(Gen<string> texts) =>
        from bytes in texts.Select(Encoding.UTF8.GetBytes)
        from at in Gen.Choose(0, Math.Max(0, bytes.Length - 1))
        from damage in Gen.Frequency((20, Gen.Constant(0)), (1, Gen.Constant(1)), (1, Gen.Constant(2)), (1, Gen.Constant(3)))
        select damage switch
        {
            1 => bytes[..at],
            2 => [.. bytes[..at], 0xC3, 0x28, 0xED, 0xA0, 0x80, .. bytes[at..]],
            3 => [.. bytes[..at], 0, .. bytes[at..]],
            _ => bytes,
        };
}
