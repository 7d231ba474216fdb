using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>A connection on which a test sends what it likes, byte for byte.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private RawConnection()
    {
    }

    /// <param name="from">The address from which it comes, one of this machine's.</param>
    /// <param name="receives">The bytes that it receives before they are read; null: as many as the machine gives it.</param>
    public static async Task<RawConnection> OpenAsync(Uri url, string from = "127.0.0.1", int? receives = null)
    {
        var connection = new RawConnection();
        if (receives is { } bytes)
            connection._socket.ReceiveBufferSize = bytes;
        connection._socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await connection._socket.ConnectAsync(url.Host, url.Port, TestContext.Current.CancellationToken);
        return connection;
    }

    public async Task SendAsync(string text) =>
        await _socket.SendAsync(Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken);

    /// <summary>Sends a request for a path of the sandbox, without a body, and with these lines of headers.</summary>
    public Task AskAsync(string method, string path, params string[] headers) =>
        SendAsync($"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");

    /// <summary>The status and the whole text of the next answer; 0: the connection was closed without one.</summary>
    public async Task<(int Status, string Text)> AnswerAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (!IsWhole(text.ToString()) && await _socket.ReceiveAsync(buffer, patience.Token) is > 0 and var read)
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        catch (SocketException)
        {
            // It was closed.
        }
        var answer = text.ToString();
        return (answer.Length > 12 ? int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture) : 0, answer);
    }

    /// <summary>Waits until an answer begins, and reads no more of it than that.</summary>
    public async Task BeginsAsync() =>
        Assert.Equal(1, await _socket.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));

    /// <summary>Sends nothing more, and can still read.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>True once the server has closed it.</summary>
    public async Task<bool> IsClosedAsync() => (await AnswerAsync()).Status == 0;

    public void Dispose() => _socket.Dispose();

    private static bool IsWhole(string text)
    {
        if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is not (>= 0 and var end))
            return false;
        var length = text[..end].Split("\r\n")
            .FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return length is null
            ? text.EndsWith("0\r\n\r\n", StringComparison.Ordinal) || text.StartsWith("HTTP/1.1 204", StringComparison.Ordinal)
                || text.StartsWith("HTTP/1.1 100", StringComparison.Ordinal)
            : Encoding.UTF8.GetByteCount(text.AsSpan(end + 4)) >= int.Parse(length.AsSpan(15), CultureInfo.InvariantCulture);
    }
}
