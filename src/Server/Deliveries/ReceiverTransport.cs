using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Simkeeper.Core.Deliveries;

namespace Simkeeper.Server.Deliveries;

/// <summary>
/// Connects to receivers: without proxies or redirects, and only to addresses that the rules allow. A name is resolved, checked and
/// connected to in one place, so that the connection goes to the address that was checked.
/// </summary>
internal static class ReceiverTransport
{
    /// <summary>The most bytes of an answer's headers, and of a body that is read and thrown away to use its connection again.</summary>
    private const int HeaderKilobytesMax = 16, DrainBytesMax = 16 * 1024;

    /// <summary>The longest life of a connection, so that a receiver that has moved is found.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(1);

    /// <summary>The account on whose behalf a request is sent.</summary>
    public static readonly HttpRequestOptionsKey<Guid> Account = new("account");

    /// <param name="resolve">Finds the addresses of a name, on behalf of an account.</param>
    public static SocketsHttpHandler Create(
        AddressRules rules, DeliverySettings settings, ReceiverConnections connections,
        Func<string, Guid, CancellationToken, Task<IPAddress[]>> resolve) => new()
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = settings.ConnectTimeout,
            MaxConnectionsPerServer = settings.ConnectionsPerReceiver,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = HeaderKilobytesMax,
            MaxResponseDrainSize = DrainBytesMax,
            ResponseDrainTimeout = DrainTimeout,
            PooledConnectionLifetime = Lifetime,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (sender, certificate, chain, errors) => errors == SslPolicyErrors.None
                    ? true
                    : throw new CertificateRefusedException(((SslStream)sender).TargetHostName, certificate, chain, errors),
            },
            ConnectCallback = (context, stop) => ConnectAsync(context, rules, connections, resolve, stop),
        };

    private static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, AddressRules rules, ReceiverConnections connections,
        Func<string, Guid, CancellationToken, Task<IPAddress[]>> resolve, CancellationToken stop)
    {
        var to = context.DnsEndPoint;
        context.InitialRequestMessage.Options.TryGetValue(Account, out var account);
        var addresses = IPAddress.TryParse(to.Host, out var literal) ? [literal] : await resolve(to.Host, account, stop);
        var allowed = addresses.Where(rules.Allow).ToArray();
        if (allowed.Length == 0 && addresses.Length > 0)
            throw new AddressRefusedException(addresses[0]);
        await connections.TakePlaceAsync(stop);
        Socket? socket = null;
        try
        {
            socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(allowed, to.Port, stop);
            return connections.Track(socket);
        }
        catch
        {
            socket?.Dispose();
            connections.GiveBack();
            throw;
        }
    }
}

/// <summary>A receiver stands at an address that may not be called.</summary>
internal sealed class AddressRefusedException(IPAddress address) : IOException($"The address {address} is not allowed "
    + "(loopback, private or reserved); Deliveries:AllowedRanges can allow it.");
