namespace Simkeeper.Core.Numbers;

/// <summary>A fixed address of a SIM: an IPv4 address (RFC 791) or an IPv6 address (RFC 4291 §2.2), kept as it was written.</summary>
public readonly record struct IpAddress
{
    public const int MaxLength = 45;
    private const int Groups = 8;

    private IpAddress(string value) => Value = value;

    /// <summary>The address as it was written, at most 45 characters.</summary>
    public string Value { get; }

    /// <summary>Reads a dotted quad without leading zeros, or IPv6 in any of its spellings; no zone, no prefix length.</summary>
    public static Result<IpAddress> Parse(string text) =>
        text.Length <= MaxLength && (IsQuad(text) || IsV6(text))
            ? new IpAddress(text)
            : new Error(ErrorCode.InvalidValue, "This is neither an IPv4 nor an IPv6 address.", "ip_address");

    public override string ToString() => Value;

    private static bool IsQuad(string text) =>
        text.Split('.') is { Length: 4 } parts
        && Array.TrueForAll(parts, part => part.Length is >= 1 and <= 3 && CheckDigits.AreDigits(part)
            && (part.Length == 1 || part[0] != '0') && int.Parse(part) <= 255);

    private static bool IsV6(string text)
    {
        var halves = text.Split("::");
        if (halves.Length > 2)
            return false;
        var count = CountGroups(halves[0], mayEndInQuad: halves.Length == 1);
        if (halves.Length == 1)
            return count == Groups;
        var rest = CountGroups(halves[1], mayEndInQuad: true);
        return count is not null && rest is not null && count + rest < Groups;
    }

    private static int? CountGroups(string text, bool mayEndInQuad)
    {
        if (text.Length == 0)
            return 0;
        var parts = text.Split(':');
        var endsInQuad = mayEndInQuad && IsQuad(parts[^1]);
        var hex = endsInQuad ? parts.AsSpan(..^1) : parts;
        foreach (var part in hex)
        {
            if (part.Length is < 1 or > 4 || !part.All(char.IsAsciiHexDigit))
                return null;
        }
        return hex.Length + (endsInQuad ? 2 : 0);
    }
}
