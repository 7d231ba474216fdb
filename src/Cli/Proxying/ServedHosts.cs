using System.Net;

namespace Simkeeper.Cli.Proxying;

/// <summary>The host names that a proxy stands in for: whole names, and <c>*.</c> before those whose subdomains are meant.</summary>
internal sealed class ServedHosts(IReadOnlyList<string> patterns)
{
    private const int NameLengthMax = 253;

    /// <summary>The hosts of the APIs that the server speaks.</summary>
    public static readonly IReadOnlyList<string> Usual = ["*.twilio.com", "*.korewireless.com", "api.gigs.com"];

    private readonly IReadOnlyList<string> _patterns = [.. patterns.Select(pattern => pattern.ToLowerInvariant()).Distinct()];

    /// <summary>The domains that hold all served names.</summary>
    public IEnumerable<string> Domains => _patterns.Select(pattern => pattern.StartsWith("*.", StringComparison.Ordinal)
        ? pattern[2..]
        : pattern);

    public bool Serves(string host) => IsName(host) && _patterns.Any(pattern => pattern[0] == '*'
        ? host.Length >= pattern.Length && host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
        : host.Equals(pattern, StringComparison.OrdinalIgnoreCase));

    /// <summary>True for a DNS name with a dot in it, which <c>*.</c> may stand before.</summary>
    public static bool IsPattern(string text)
    {
        var name = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text;
        return name.Contains('.') && IsName(name) && !IPAddress.TryParse(name, out _);
    }

    public override string ToString() => string.Join(", ", _patterns);

    private static bool IsName(string text) => text.Length is > 0 and <= NameLengthMax
        && text.Split('.').All(label => label.Length is > 0 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
}
