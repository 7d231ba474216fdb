using System.Net;
using System.Net.Sockets;

#pragma warning disable RS0030 // Addresses and ranges are values; nothing here reaches a network.
namespace Simkeeper.Core.Deliveries;

/// <summary>
/// Decides which addresses may be called: those of the public internet, and those that an operator allows. Otherwise a callback URL could
/// make the server call the network that it stands in. RFC 6890 and the IANA special-purpose registries list what is not public.
/// </summary>
/// <param name="allowLocal">True in a sandbox, whose receivers stand beside it: loopback and private addresses are allowed too.</param>
/// <param name="allowed">Ranges that are allowed even if they are not public.</param>
public sealed class AddressRules(bool allowLocal, IReadOnlyList<IPNetwork> allowed)
{
    /// <summary>Loopback and private addresses (RFC 1918, RFC 4193).</summary>
    private static readonly IPNetwork[] Local = Ranges(
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7");

    /// <summary>
    /// Addresses at which clouds give a machine its credentials; no receiver is there. The first is used by all clouds, the next by AWS and
    /// Google Cloud, the last is Azure's WireServer, which looks like a public address.
    /// </summary>
    private static readonly IPNetwork[] Metadata =
        Ranges("169.254.169.254/32", "fd00:ec2::254/128", "fd20:ce::254/128", "168.63.129.16/32");

    /// <summary>
    /// The ranges of IPv4 that are not public: this network, private use, shared (CGNAT), loopback, link-local, protocol assignments,
    /// documentation, 6to4 relays, benchmarking, multicast, reserved and broadcast.
    /// </summary>
    private static readonly IPNetwork[] NotPublic4 = Ranges("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4");

    /// <summary>
    /// The public part of IPv6. Outside of it lie: unspecified, loopback, IPv4-compatible, NAT64, ULA, link-local, multicast.
    /// </summary>
    private static readonly IPNetwork Public6 = IPNetwork.Parse("2000::/3");

    /// <summary>
    /// The ranges within it that are not public: protocol assignments (Teredo, benchmarking, ORCHID), documentation, 6to4.
    /// </summary>
    private static readonly IPNetwork[] NotPublic6 = Ranges("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    /// <summary>Says if a connection to this address may be made. An IPv4 address inside an IPv6 address is checked as IPv4.</summary>
    public bool Allow(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (IsIn(plain, allowed))
            return true;
        if (IsIn(plain, Metadata))
            return false;
        if (allowLocal && IsIn(plain, Local))
            return true;
        return plain.AddressFamily == AddressFamily.InterNetwork
            ? !IsIn(plain, NotPublic4)
            : Public6.Contains(plain) && !IsIn(plain, NotPublic6);
    }

    private static bool IsIn(IPAddress address, IReadOnlyList<IPNetwork> ranges)
    {
        foreach (var range in ranges)
        {
            if (range.Contains(address))
                return true;
        }
        return false;
    }

    private static IPNetwork[] Ranges(params string[] ranges) => [.. ranges.Select(range => IPNetwork.Parse(range))];
}
