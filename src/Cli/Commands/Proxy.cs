using System.CommandLine;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Cli.Proxying;

namespace Simkeeper.Cli.Commands;

/// <summary>Stands in for the hosts of published APIs, so that clients without a setting for their host reach the server.</summary>
internal sealed class Proxy : Command
{
    private const int ConnectionsMax = 1000;
    private const long BodyBytesMax = 64 * 1024 * 1024;
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    private readonly Option<string> _listen =
        new Option<string>("--listen")
        {
            Description = "The IP address and port to listen on.",
            HelpName = "IP:PORT",
            DefaultValueFactory = _ => "127.0.0.1:8888",
        }.Check(
            text => IPEndPoint.TryParse(text, out var _) && !IPAddress.TryParse(text, out var _),
            "must be an IP address and a port, such as 127.0.0.1:8888.");

    private readonly Option<string> _ca = new("--ca")
    {
        Description = "The folder of the certificate authority. Without it one in your data folder.",
        HelpName = "DIR",
    };

    private readonly Option<string> _hosts =
        new Option<string>("--hosts")
        {
            Description = $"More host names to stand in for, with commas between them, beside {string.Join(", ", ServedHosts.Usual)}.",
            HelpName = "NAME,…",
        }.Check(text => text.Split(',').All(ServedHosts.IsPattern), "takes names such as api.example.com and *.example.com.");

    public Proxy() : base("proxy", "Let clients that cannot be given another host reach the server.")
    {
        Add(_listen);
        Add(_ca);
        Add(_hosts);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var server = ApiClient.ServerOf(parsed);
        var names = ServedHosts.Usual.Concat(parsed.GetValue(_hosts)?.Split(',') ?? []);
        // Answers name the server itself, and a client follows these URLs through the proxy too.
        if (server is { Scheme: "https", HostNameType: UriHostNameType.Dns })
            names = names.Append(server.Host);
        var hosts = new ServedHosts([.. names]);
        using var authority = CertificateAuthority.Open(Folder(parsed), [.. hosts.Domains], TimeProvider.System);
        using var forwarder = new Forwarder(server, hosts);
        var endpoint = IPEndPoint.Parse(parsed.GetRequiredValue(_listen));
        await using var web = Build(endpoint, new Tunnels(hosts), authority);
        web.Run(forwarder.AnswerAsync);
        try
        {
            await web.StartAsync(cancellation);
        }
        catch (IOException e)
        {
            throw new CommandException($"Cannot listen on {endpoint}: {e.Message}", cause: e);
        }
        var port = new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        Tell(new IPEndPoint(endpoint.Address, port), server, hosts, authority.CertificatePath);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        }
        catch (OperationCanceledException)
        {
            await web.StopAsync(new CancellationToken(canceled: true));
        }
        return ExitCode.Done;
    }

    private static WebApplication Build(IPEndPoint endpoint, Tunnels tunnels, CertificateAuthority authority)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
            kestrel.Listen(endpoint, listen =>
            {
                ConnectionDelegate? plain = null;
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(tunnel => connection => tunnels.AcceptAsync(connection, tunnel, plain!));
                listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    HandshakeTimeout = HandshakeTimeout,
                    OnConnection = tls => ValueTask.FromResult(new SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = authority.For(Tunnels.HostOf(tls.Connection.Items)!),
                        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    }),
                });
                // Behind TLS only HTTP follows, which requests outside a tunnel begin with at once.
                listen.Use(http => plain = http);
            });
        });
        return builder.Build();
    }

    private string Folder(ParseResult parsed)
    {
        if (parsed.GetValue(_ca) is { } given)
            return Path.GetFullPath(given);
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data.Length > 0
            ? Path.Combine(data, "simkeeper", "proxy")
            : throw new CommandException("There is no data folder of yours: name a folder with --ca.", ExitCode.WrongUse);
    }

    private static void Tell(IPEndPoint at, Uri server, ServedHosts hosts, string ca)
    {
        if (!IPAddress.IsLoopback(at.Address))
            Output.Message($"Everybody who can reach {at} can use this proxy.");
        Console.WriteLine($"""
            The proxy on http://{at} sends {hosts} to {server.AbsoluteUri.TrimEnd('/')}. Ctrl-C ends it.
            In the shell of your client:

              export HTTP_PROXY=http://{at} HTTPS_PROXY=http://{at}
              export NODE_EXTRA_CA_CERTS='{ca}' REQUESTS_CA_BUNDLE='{ca}' CURL_CA_BUNDLE='{ca}' SSL_CERT_FILE='{ca}'

            """);
    }
}
