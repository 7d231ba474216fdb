using System.Diagnostics;
using System.IO.Compression;
using System.Net.Sockets;
using System.Text;

namespace Simkeeper.Server.Tests.Fuzz;

/// <summary>An answer as it came over the wire.</summary>
/// <param name="Status">0 when the connection was closed without an answer.</param>
/// <param name="Head">The headers, in small letters.</param>
internal sealed record RawAnswer(int Status, string Head, string Body, TimeSpan After);

/// <summary>Sends bytes that no decent client would.</summary>
internal static class RawHttp
{
    public static async Task<RawAnswer> SendAsync(Uri server, OddRequest request, TimeSpan atMost, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(atMost);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Host, server.Port, timeout.Token);
        using var answer = new MemoryStream();
        try
        {
            await socket.SendAsync(request.Bytes, timeout.Token);
            if (request.EndsEarly)
                socket.Shutdown(SocketShutdown.Send);
            var chunk = new byte[16 * 1024];
            int read;
            while ((read = await socket.ReceiveAsync(chunk, timeout.Token)) > 0)
                answer.Write(chunk, 0, read);
        }
        catch (SocketException)
        {
            // The server has closed before it read everything; what it answered until then counts.
        }
        return Read(answer.ToArray(), Stopwatch.GetElapsedTime(started));
    }

    private static RawAnswer Read(byte[] bytes, TimeSpan after)
    {
        if (bytes.AsSpan().StartsWith("HTTP/1.1 100 "u8))
            bytes = bytes[25..];
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return new RawAnswer(0, "", "", after);
        var head = Encoding.Latin1.GetString(bytes, 0, end).ToLowerInvariant();
        var body = bytes[(end + 4)..];
        if (head.Contains("transfer-encoding: chunked", StringComparison.Ordinal))
            body = Unchunked(body);
        if (head.Contains("content-encoding: gzip", StringComparison.Ordinal))
            body = Unzipped(body);
        return new RawAnswer(int.Parse(head.AsSpan(9, 3)), head, Encoding.UTF8.GetString(body), after);
    }

    private static byte[] Unzipped(byte[] body)
    {
        using var unzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
        using var whole = new MemoryStream();
        unzip.CopyTo(whole);
        return whole.ToArray();
    }

    private static byte[] Unchunked(byte[] body)
    {
        using var whole = new MemoryStream();
        for (var at = 0; at < body.Length;)
        {
            var line = body.AsSpan(at).IndexOf("\r\n"u8);
            if (line < 0)
                break;
            var size = Convert.ToInt32(Encoding.ASCII.GetString(body, at, line), 16);
            at += line + 2;
            whole.Write(body, at, Math.Min(size, body.Length - at));
            at += size + 2;
        }
        return whole.ToArray();
    }
}
