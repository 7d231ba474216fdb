using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Simkeeper.Cli.Proxying;

/// <summary>Answers CONNECT on connections, before TLS and HTTP begin on them.</summary>
internal sealed class Tunnels(ServedHosts hosts)
{
    private const int HeadBytesMax = 8 * 1024;
    private static readonly TimeSpan HeadTimeout = TimeSpan.FromSeconds(10);
    private static readonly object HostKey = new();

    /// <summary>The host that a client asked a tunnel to; null: the connection is no tunnel.</summary>
    public static string? HostOf(IDictionary<object, object?> connectionItems) => connectionItems.TryGetValue(HostKey, out var host)
        ? (string?)host
        : null;

    /// <summary>Reads the first request of a connection if it is CONNECT, and goes on with what the client sends after it.</summary>
    /// <param name="connection">A connection on which nothing was read.</param>
    /// <param name="tunnel">Goes on with a tunnel.</param>
    /// <param name="plain">Goes on with a connection that begins with any other request.</param>
    public async Task AcceptAsync(ConnectionContext connection, ConnectionDelegate tunnel, ConnectionDelegate plain)
    {
        string? head;
        using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed))
        {
            deadline.CancelAfter(HeadTimeout);
            try
            {
                head = await ReadAsync(connection, deadline.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionResetException)
            {
                return;
            }
        }
        if (head is null)
        {
            await plain(connection);
            return;
        }
        if (Target(head) is not { } host)
        {
            await AnswerAsync(connection, "400 Bad Request", "This is no CONNECT to a host and port.\n");
            return;
        }
        if (!hosts.Serves(host))
        {
            await AnswerAsync(connection, "403 Forbidden", Refusal(hosts));
            return;
        }
        await AnswerAsync(connection, "200 Connection established", null);
        connection.Items[HostKey] = host;
        await tunnel(connection);
    }

    public static string Refusal(ServedHosts hosts) =>
        $"This proxy serves only {hosts}. It does not connect to other hosts: leave it out for them (NO_PROXY), "
        + "or name them with --hosts if they are this server's.\n";

    /// <summary>Reads up to the empty line, or nothing and gives null: it is no CONNECT. Gives an empty head if it is too long.</summary>
    private static async Task<string?> ReadAsync(ConnectionContext connection, CancellationToken cancellation)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(cancellation);
            var buffer = read.Buffer;
            if (!Begins(buffer))
            {
                input.AdvanceTo(buffer.Start);
                return null;
            }
            var reader = new SequenceReader<byte>(buffer);
            if (reader.TryReadTo(out ReadOnlySequence<byte> head, "\r\n\r\n"u8) && head.Length <= HeadBytesMax)
            {
                var text = Encoding.Latin1.GetString(head);
                input.AdvanceTo(reader.Position);
                return text;
            }
            if (buffer.Length > HeadBytesMax || read.IsCompleted)
            {
                input.AdvanceTo(buffer.End);
                return "";
            }
            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>True as long as it can be a CONNECT.</summary>
    private static bool Begins(ReadOnlySequence<byte> buffer)
    {
        var connect = "CONNECT "u8;
        Span<byte> first = stackalloc byte[connect.Length];
        first = first[..(int)Math.Min(buffer.Length, first.Length)];
        buffer.Slice(0, first.Length).CopyTo(first);
        return connect.StartsWith(first) && first.Length > 0;
    }

    /// <summary>The host of <c>CONNECT host:port HTTP/1.1</c>, in small letters.</summary>
    private static string? Target(string head) => head.Split("\r\n")[0].Split(' ') is ["CONNECT", var target, "HTTP/1.1" or "HTTP/1.0"]
        && target.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(target.AsSpan(colon + 1), out _)
        ? target[..colon].ToLowerInvariant()
        : null;

    /// <summary>Sends a whole answer; after one without text the connection goes on.</summary>
    private static async Task AnswerAsync(ConnectionContext connection, string status, string? text)
    {
        var rest = text is null
            ? ""
            : $"Content-Type: text/plain; charset=utf-8\r\nContent-Length: {Encoding.UTF8.GetByteCount(text)}\r\nConnection: close\r\n";
        await connection.Transport.Output.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status}\r\n{rest}\r\n{text}"));
    }
}
