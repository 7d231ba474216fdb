using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Deliveries;

/// <summary>The words in which an attempt says why it failed.</summary>
public sealed class FailureReasonTests
{
    [Theory]
    [InlineData("https://login.example/a/b?next=SECRET#x", "https://login.example/a/b")]
    [InlineData("/elsewhere/", "http://127.0.0.1:{port}/elsewhere/")]
    [InlineData("http://joe:SECRET@other.example/", "http://other.example/")]
    public async Task A_redirect_is_not_followed_and_the_error_says_where_it_pointed(string location, string shown)
    {
        await using var receiver = await Receiver.StartAsync((_, context) =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = location;
            return Task.CompletedTask;
        });
        await using var server = await TestServer.StartAsync();

        var error = await ErrorAsync(server, receiver.Url);

        Assert.Equal("The receiver answered 302 and pointed to "
            + shown.Replace("{port}", $"{new Uri(receiver.Url).Port}", StringComparison.Ordinal) + ". Redirects are not followed.", error);
        Assert.Single(receiver.All);
    }

    [Fact]
    public async Task A_redirect_that_points_nowhere_is_said_to_be_one()
    {
        await using var receiver = await Receiver.StartAsync((_, context) =>
        {
            context.Response.StatusCode = 301;
            return Task.CompletedTask;
        });
        await using var server = await TestServer.StartAsync();

        Assert.Equal("The receiver answered 301 without a Location. Redirects are not followed.", await ErrorAsync(server, receiver.Url));
    }

    [Fact]
    public async Task A_certificate_that_nobody_trusts_is_named_with_the_check_that_failed()
    {
        var error = await TlsErrorAsync("hooks.example", "hooks.example", expired: false);

        Assert.Contains("CN=hooks.example", error, StringComparison.Ordinal);
        Assert.Contains("UntrustedRoot", error, StringComparison.Ordinal);
        Assert.DoesNotContain("is not for", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_another_name_is_said_to_be_so()
    {
        var error = await TlsErrorAsync("hooks.example", "other.example", expired: false);

        Assert.Contains("CN=other.example", error, StringComparison.Ordinal);
        Assert.Contains("it is not for hooks.example", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_has_ended_is_said_to_be_so()
    {
        var error = await TlsErrorAsync("hooks.example", "hooks.example", expired: true);

        Assert.Contains("NotTimeValid", error, StringComparison.Ordinal);
        Assert.Contains("valid from 2020-01-01 to 2020-02-01", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_speaks_no_TLS_is_said_to_be_so()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var server = await TestServer.StartAsync();

        var error = await ErrorAsync(server, receiver.Url.Replace("http:", "https:", StringComparison.Ordinal));

        Assert.StartsWith("The TLS handshake with the receiver failed", error, StringComparison.Ordinal);
    }

    private static async Task<string> TlsErrorAsync(string host, string subject, bool expired)
    {
        using var certificate = Certificate(subject, expired);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, certificate);
        await using var server = await TestServer.StartAsync(
            seams: Seams.None with { Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]) });
        var error = await ErrorAsync(server, $"https://{host}:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        listener.Stop();
        await serving;
        return error;
    }

    /// <summary>Makes handshakes, and nothing else, until the listener stops.</summary>
    private static async Task ServeAsync(TcpListener listener, X509Certificate2 certificate)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
                await using var tls = new SslStream(client.GetStream());
                try
                {
                    await tls.AuthenticateAsServerAsync(certificate);
                    await tls.ReadExactlyAsync(new byte[1], TestContext.Current.CancellationToken);
                }
                catch (Exception e) when (e is AuthenticationException or IOException)
                {
                    // The client did not want it.
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was stopped.
        }
    }

    private static X509Certificate2 Certificate(string name, bool expired)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var (from, to) = expired
            ? (new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2020, 2, 1, 0, 0, 0, TimeSpan.Zero))
            : (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        using var made = request.CreateSelfSigned(from, to);
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }

    /// <summary>The error of the first attempt to call this URL back.</summary>
    private static async Task<string> ErrorAsync(TestServer server, string url)
    {
        var sim = await server.SimAsync();
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("Status", "new"), ("CallbackUrl", url))).Is(200);
        var deliveries = await Calls.UntilAsync(() => server.Operator.FetchAsync($"/operator/v1/deliveries?sim={sim}"),
            list => list.Json.GetProperty("items")[0].GetProperty("attempts").GetArrayLength() > 0);
        return deliveries.Json.GetProperty("items")[0].GetProperty("attempts")[0].GetProperty("error").GetString()!;
    }
}
