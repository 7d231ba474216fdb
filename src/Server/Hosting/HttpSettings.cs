using System.Net;

namespace Simkeeper.Server.Hosting;

/// <summary>Settings of the addresses on which the server listens, and of the proxies that it trusts.</summary>
internal sealed class HttpSettings(Settings read)
{
    public IReadOnlyList<string> Urls { get; } = read.Text(
        "Http:Urls", "http://127.0.0.1:8080", "The address to listen on. The same as `--urls`.", urls => urls.Split(';').All(IsBinding),
        "is an address such as http://127.0.0.1:8080, or several with ; between them (TLS ends at a proxy)").Split(';');

    public string? PublicUrl { get; } = read.TextOrNull(
        "Http:PublicUrl",
        "The base of absolute URLs in answers. Without it they repeat scheme and Host of the request. The same as `--public-url`.",
        IsWeb, "is an absolute http or https URL")?.TrimEnd('/');

    public IReadOnlyList<IPAddress> TrustedProxies { get; } =
    [
        .. read.List("Http:TrustedProxies", "",
                "Addresses of proxies, with commas between them, whose `X-Forwarded-Proto`, `-Host` and `-For` count.")
            .Select(proxy => IPAddress.TryParse(proxy, out var address)
                ? address
                : throw Settings.Wrong("Http:TrustedProxies", "is IP addresses with commas between them")),
    ];

    /// <summary>Names, beside loopback names and that of <see cref="PublicUrl"/>, by which clients may reach a sandbox.</summary>
    public IReadOnlyList<string> Hosts { get; } = read.List(
        "Http:Hosts", "",
        "Host names, with commas between them, by which a sandbox may be reached, beside loopback names and `Http:PublicUrl`. "
        + "Any other is answered with 421.");

    /// <summary>Origins whose pages may read answers; null: the default.</summary>
    public IReadOnlyList<string>? Cors { get; } = read.List(
        "Http:Cors", "",
        "Origins, with commas between them, such as https://shop.example, whose pages in a browser may read answers; `*` means all. "
        + "Without it all, but in a sandbox those of loopback names only.") is { Length: > 0 } given
            ? given.All(IsOrigin) ? given : throw Settings.Wrong("Http:Cors", "is origins such as https://shop.example, or *")
            : null;

    /// <summary>The largest request body in bytes. Imports and batches of usage have limits of their own.</summary>
    public long BodyBytesMax { get; } = read.Number(
        "Http:BodyBytesMax", 64 * 1024, 1024, 16 * 1024 * 1024, "The largest request body in bytes, imports excepted.");

    public int FormFieldsMax { get; } = (int)read.Number(
        "Http:FormFieldsMax", 1000, 1, 100_000, "Parameters of one form; beyond it the answer is 400.");

    public bool LogRequests { get; } = read.Flag(
        "Http:LogRequests", false,
        "Log method, path, status and duration of every request. Addresses of QR codes are left out: they are secrets.");

    /// <summary>Checks for an absolute http or https URL.</summary>
    public static bool IsWeb(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";

    private static bool IsOrigin(string text) =>
        text == "*" || (IsWeb(text) && new Uri(text).GetLeftPart(UriPartial.Authority).Equals(text, StringComparison.OrdinalIgnoreCase));

    /// <summary>Checks for an http address that a server can listen on; <c>*</c> and <c>+</c> stand for all.</summary>
    private static bool IsBinding(string text)
    {
        try
        {
            return BindingAddress.Parse(text).Scheme.Equals("http", StringComparison.OrdinalIgnoreCase);
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
