using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Simkeeper.Server.Storage;

namespace Simkeeper.Cli.Proxying;

/// <summary>
/// Signs certificates for the served hosts. It is made once and kept in a folder that only its owner can read. It is bound to the domains
/// it was made for, so whoever trusts it trusts it for nothing else, even if its key gets lost.
/// </summary>
internal sealed class CertificateAuthority : IDisposable
{
    private const int CachedMax = 256;
    private const string NameConstraints = "2.5.29.30";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private static readonly TimeSpan Life = TimeSpan.FromDays(3650);
    private static readonly TimeSpan CertificateLife = TimeSpan.FromDays(7);

    /// <summary>Certificates begin so long ago, for clients whose clock is behind.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    private static readonly Asn1Tag Permitted = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Excluded = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag DnsName = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag IpAddress = new(TagClass.ContextSpecific, 7);

    private readonly X509Certificate2 _authority;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (SslStreamCertificateContext Context, DateTimeOffset Renewed)> _made = [];

    private readonly TimeProvider _time;

    private CertificateAuthority(X509Certificate2 authority, string certificatePath, TimeProvider time) =>
        (_authority, CertificatePath, _time) = (authority, certificatePath, time);

    /// <summary>The file with the certificate that clients have to trust. It has no key.</summary>
    public string CertificatePath { get; }

    /// <summary>Opens the authority of a folder, or makes it.</summary>
    /// <exception cref="CommandException">The folder cannot be used, or its authority is not for these domains.</exception>
    public static CertificateAuthority Open(string folder, IReadOnlyCollection<string> domains, TimeProvider time)
    {
        var (keyPath, certificatePath) = (Path.Combine(folder, "ca.key"), Path.Combine(folder, "ca.pem"));
        try
        {
            PrivateFiles.CreateFolder(folder);
            if (!File.Exists(keyPath))
                Make(keyPath, domains, time.GetUtcNow());
            // This also closes a key to other users that they could read.
            using (PrivateFiles.Open(keyPath, FileShare.ReadWrite))
            {
            }
            var authority = X509Certificate2.CreateFromPemFile(keyPath);
            var known = DomainsOf(authority);
            if (domains.FirstOrDefault(domain => !known.Any(name => IsWithin(domain, name))) is { } strange)
                throw new CommandException($"The CA in {folder} is not for {strange}. Name another folder with --ca: a CA is made there.");
            if (authority.NotAfter < time.GetUtcNow() + CertificateLife)
                throw new CommandException($"The CA in {folder} ends at {authority.NotAfter:u}. Delete the folder: another CA is made.");
            Write(certificatePath, authority.ExportCertificatePem());
            return new CertificateAuthority(authority, certificatePath, time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or AsnContentException)
        {
            throw new CommandException($"Cannot use the CA in {folder}: {e.Message}", cause: e);
        }
    }

    /// <summary>A certificate for a served host, made at need and used until half of its life is over.</summary>
    public SslStreamCertificateContext For(string host)
    {
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            if (_made.TryGetValue(host, out var made) && now < made.Renewed)
                return made.Context;
            if (_made.Count >= CachedMax)
                _made.Clear();
            var context = SslStreamCertificateContext.Create(Sign(host, now), additionalCertificates: null, offline: true);
            _made[host] = (context, now + (CertificateLife / 2));
            return context;
        }
    }

    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 Sign(string host, DateTimeOffset now)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        var request = new CertificateRequest("CN=Simkeeper proxy", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, true, false));
        using var signed = request.Create(_authority, now - ClockSkew, now + CertificateLife, Serial());
        var certificate = signed.CopyWithPrivateKey(_key);
        if (!OperatingSystem.IsWindows())
            return certificate;
        // TLS on Windows takes no key that is only in memory.
        using (certificate)
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null);
    }

    /// <summary>Writes certificate and key in one file, whole or not at all. If another process is quicker, its file stays.</summary>
    private static void Make(string path, IReadOnlyCollection<string> domains, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Simkeeper proxy CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(new X509Extension(NameConstraints, Only(domains), critical: true));
        using var certificate = request.CreateSelfSigned(now - ClockSkew, now + Life);
        try
        {
            Write(path, $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n", overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
        }
    }

    private static void Write(string path, string text, bool overwrite = true)
    {
        var part = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            using (var file = PrivateFiles.Open(part, FileShare.None))
            {
                file.Write(Encoding.ASCII.GetBytes(text));
                file.Flush(flushToDisk: true);
            }
            File.Move(part, path, overwrite);
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>A positive number of 16 random bytes.</summary>
    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        return serial;
    }

    private static bool IsWithin(string name, string domain) =>
        name == domain || name.EndsWith($".{domain}", StringComparison.Ordinal);

    /// <summary>The constraint (RFC 5280, 4.2.1.10) to these domains and to no IP address.</summary>
    private static byte[] Only(IEnumerable<string> domains)
    {
        var der = new AsnWriter(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            using (der.PushSequence(Permitted))
            {
                foreach (var domain in domains)
                {
                    using (der.PushSequence())
                        der.WriteCharacterString(UniversalTagNumber.IA5String, domain, DnsName);
                }
            }
            using (der.PushSequence(Excluded))
            {
                // An address and its mask, both all zero: every IPv4 address, then every IPv6 address.
                foreach (var length in (int[])[8, 32])
                {
                    using (der.PushSequence())
                        der.WriteOctetString(new byte[length], IpAddress);
                }
            }
        }
        return der.Encode();
    }

    private static List<string> DomainsOf(X509Certificate2 authority)
    {
        var domains = new List<string>();
        if (authority.Extensions.FirstOrDefault(extension => extension.Oid?.Value == NameConstraints) is not { } constraint)
            return domains;
        var permitted = new AsnReader(constraint.RawData, AsnEncodingRules.DER).ReadSequence().ReadSequence(Permitted);
        while (permitted.HasData)
            domains.Add(permitted.ReadSequence().ReadCharacterString(UniversalTagNumber.IA5String, DnsName));
        return domains;
    }
}
