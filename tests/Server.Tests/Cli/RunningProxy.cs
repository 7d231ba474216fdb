using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary><c>simkeeper proxy</c> as a process, on a free port and with a CA in a folder of the test's own.</summary>
internal sealed class RunningProxy : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly Process _process;
    private readonly TestFolder? _own;
    private readonly Task<string> _errors;

    private RunningProxy(Process process, TestFolder? own, string folder, Task<string> errors, string told)
    {
        (_process, _own, Folder, _errors, Told) = (process, own, folder, errors, told);
        Url = new Uri(told.Split(' ').First(word => word.StartsWith("http://", StringComparison.Ordinal)));
    }

    public Uri Url { get; }

    /// <summary>The folder of its CA.</summary>
    public string Folder { get; }

    /// <summary>The lines that it printed when it began to listen.</summary>
    public string Told { get; }

    public string Certificate => Path.Combine(Folder, "ca.pem");

    /// <summary>The environment that it tells clients to set, and a home of their own.</summary>
    public (string Name, string Value)[] Environment =>
    [
        ("HTTP_PROXY", $"http://{Url.Authority}"), ("HTTPS_PROXY", $"http://{Url.Authority}"), ("NO_PROXY", ""), ("no_proxy", ""),
        ("NODE_EXTRA_CA_CERTS", Certificate), ("REQUESTS_CA_BUNDLE", Certificate), ("SSL_CERT_FILE", Certificate), ("HOME", Folder),
    ];

    /// <param name="folder">The folder of its CA; null: one that is gone with the proxy.</param>
    public static async Task<RunningProxy> StartAsync(Uri server, string? folder = null, params string[] args)
    {
        var own = folder is null ? new TestFolder() : null;
        folder ??= own!.Of("ca");
        var process = Cli.Start(
            new() { ["SIMKEEPER_URL"] = server.ToString() }, ["proxy", "--listen", "127.0.0.1:0", "--ca", folder, .. args]);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var told = new StringBuilder();
        while (await process.StandardOutput.ReadLineAsync(Cancelled).AsTask().WaitAsync(Deadline, Cancelled) is { } line)
        {
            told.AppendLine(line);
            if (line.Contains("SSL_CERT_FILE", StringComparison.Ordinal))
                return new RunningProxy(process, own, folder, errors, told.ToString());
        }
        throw new InvalidOperationException($"The proxy ended: {await errors}");
    }

    /// <summary>A client that trusts nothing but the proxy's CA.</summary>
    /// <param name="connected">Called when it connects to the proxy.</param>
    public HttpClient Client(Action? connected = null)
    {
        var trusted = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        trusted.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(Certificate));
        return new HttpClient(new SocketsHttpHandler
        {
            Proxy = new WebProxy(Url),
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trusted },
            ConnectCallback = async (context, cancellation) =>
            {
                connected?.Invoke();
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
    }

    /// <summary>Sends bytes in these pieces, and gives all that comes back until the proxy closes the connection.</summary>
    public async Task<string> RawAsync(params string[] pieces)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Url.Port, Cancelled);
        await using var stream = new NetworkStream(socket);
        foreach (var piece in pieces)
            await stream.WriteAsync(Encoding.Latin1.GetBytes(piece), Cancelled);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(Cancelled).WaitAsync(Deadline, Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        Assert.Equal("", await _errors);
        _own?.Dispose();
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;
}
