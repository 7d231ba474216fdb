using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Deliveries;

/// <summary>A receiver's certificate did not pass a check; the message names the check and the certificate.</summary>
internal sealed class CertificateRefusedException(
    string host, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    : IOException(Say(host, certificate, chain, errors))
{
    /// <summary>The characters of a name that are shown: a stranger chooses it.</summary>
    private const int NameMax = 200;

    private static string Say(string host, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 own)
            return "The receiver has sent no certificate.";
        var reasons = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            reasons.Add($"it is not for {host}");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            reasons.AddRange(OfChain(own, chain));
        return $"The receiver's certificate was refused: {string.Join("; ", reasons)}. It is {Requests.Shown(own.Subject, NameMax)}, "
            + $"issued by {Requests.Shown(own.Issuer, NameMax)}, valid from {Day(own.NotBefore)} to {Day(own.NotAfter)}.";
    }

    private static List<string> OfChain(X509Certificate2 own, X509Chain? chain)
    {
        var failed = (chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            .Where(element => element.ChainElementStatus.Length > 0)
            .Select(element => $"{Names(element.ChainElementStatus)}"
                + (element.Certificate.RawDataMemory.Span.SequenceEqual(own.RawDataMemory.Span)
                    ? ""
                    : $" of {Requests.Shown(element.Certificate.Subject, NameMax)} in its chain"))
            .ToList();
        return failed.Count > 0 ? failed : [chain is { ChainStatus: { Length: > 0 } all } ? Names(all) : "its chain is not trusted"];
    }

    private static string Names(X509ChainStatus[] all) => string.Join(", ", all.Select(status => status.Status.ToString()));

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
