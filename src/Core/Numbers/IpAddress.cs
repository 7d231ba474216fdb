using System.Net;
using System.Net.Sockets;

#pragma warning disable RS0030 // An address is a value; nothing here reaches a network.

namespace Simkeeper.Core.Numbers;

/// <summary>A fixed address of a SIM: an IPv4 address (RFC 791) or an IPv6 address (RFC 4291 §2.2), kept as it was written.</summary>
public readonly record struct IpAddress
{
    public const int MaxLength = 45;

    private IpAddress(string value) => Value = value;

    /// <summary>The address as it was written, at most 45 characters.</summary>
    public string Value { get; }

    /// <summary>Reads a dotted quad without leading zeros, or IPv6 in any of its spellings; no zone, no prefix length.</summary>
    public static Result<IpAddress> Parse(string text) =>
        text.Length <= MaxLength && IsAddress(text)
            ? new IpAddress(text)
            : new Error(ErrorCode.InvalidValue, "This is neither an IPv4 nor an IPv6 address.", "ip_address");

    public override string ToString() => Value;

    /// <summary>
    /// Refuses what the platform's parser takes as well: zones, ports, prefix lengths, octal and hexadecimal quads, quads of fewer parts.
    /// </summary>
    private static bool IsAddress(string text)
    {
        if (!text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.') || !IPAddress.TryParse(text, out var address))
            return false;
        var quad = text[(text.LastIndexOf(':') + 1)..];
        return address.AddressFamily == AddressFamily.InterNetworkV6 && !quad.Contains('.')
            || (IPAddress.TryParse(quad, out var plain) && plain.ToString() == quad);
    }
}
