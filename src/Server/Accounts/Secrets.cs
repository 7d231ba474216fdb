using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>
/// Encrypts the secrets that must be read back (auth tokens, matching ids), with ASP.NET Data Protection. The key ring lies in the store,
/// wrapped by Secrets:Key; whoever has a copy of the store alone can read none of them.
/// </summary>
internal sealed class Secrets
{
    private const string KeyRing = "key-ring";
    private static readonly TimeSpan ForEver = TimeSpan.FromDays(365_000);
    private readonly IDataProtector _protector;
    private readonly byte[] _macKey;

    private Secrets(IDataProtector protector, byte[] macKey)
    {
        _protector = protector;
        _macKey = macKey;
    }

    /// <summary>Says if the store has no key ring yet, and so no secrets.</summary>
    public static async Task<bool> IsNewAsync(Database database) => await Installation.LoadAsync(database, KeyRing) is null;

    /// <summary>Opens the key ring, or makes it in a new store.</summary>
    /// <param name="oldWrappingKey">Opens the ring if <paramref name="wrappingKey"/> does not, and then the ring is wrapped anew by that:
    /// one row, which is written whole or not at all. What the ring encrypts stays as it is.</param>
    /// <exception cref="StartException">The store's key ring was wrapped by another key.</exception>
    public static async Task<Secrets> OpenAsync(Database database, string wrappingKey, string? oldWrappingKey = null)
    {
        var stored = await Installation.LoadAsync(database, KeyRing);
        var (ring, isOld) = Open(stored, wrappingKey, oldWrappingKey);
        if (isOld)
            await Installation.StoreAsync(database, KeyRing, ring.Wrap());
        var services = new ServiceCollection();
        services.AddDataProtection().SetApplicationName("simkeeper");
        services.Configure<KeyManagementOptions>(options =>
        {
            options.XmlRepository = ring;
            options.XmlEncryptor = new Plain();
            // Whatever the clock says, now or at the first start: what a second key seals could not be opened after a restart.
            options.AutoGenerateKeys = false;
        });
        var provider = services.BuildServiceProvider();
        if (stored is null)
        {
            provider.GetRequiredService<IKeyManager>().CreateNewKey(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch + ForEver);
            await Installation.StoreAsync(database, KeyRing, ring.Wrap());
        }
        return new Secrets(provider.GetRequiredService<IDataProtectionProvider>().CreateProtector("stored secret"), ring.MacKey());
    }

    /// <summary>Says if a stored key ring opens with this key.</summary>
    public static bool Opens(string stored, string wrappingKey)
    {
        try
        {
            _ = new Ring(stored, Wrapping(wrappingKey), Wrapping(wrappingKey));
            return true;
        }
        catch (Exception e) when (e is AuthenticationTagMismatchException or FormatException)
        {
            return false;
        }
    }

    /// <summary>Encrypts a secret for the store.</summary>
    public byte[] Seal(string secret) => _protector.Protect(Encoding.UTF8.GetBytes(secret));

    /// <summary>Reads a stored secret back.</summary>
    public string Open(byte[] @sealed) => Encoding.UTF8.GetString(_protector.Unprotect(@sealed));

    /// <summary>HMAC-SHA-256 under a key of this store, for addresses that carry their own proof.</summary>
    public byte[] Mac(ReadOnlySpan<byte> data) => HMACSHA256.HashData(_macKey, data);

    /// <summary>Another key of this store, 32 bytes, for one purpose.</summary>
    public byte[] KeyFor(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _macKey, 32, info: Encoding.UTF8.GetBytes(purpose));

    private static (Ring Ring, bool IsOld) Open(string? stored, string wrappingKey, string? oldWrappingKey)
    {
        var wrapping = Wrapping(wrappingKey);
        try
        {
            return (new Ring(stored, wrapping, wrapping), false);
        }
        catch (AuthenticationTagMismatchException) when (oldWrappingKey is not null)
        {
            try
            {
                return (new Ring(stored, Wrapping(oldWrappingKey), wrapping), true);
            }
            catch (AuthenticationTagMismatchException e)
            {
                throw new StartException("The stored secrets open neither with Secrets:Key nor with Secrets:OldKey.", e);
            }
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new StartException("The stored secrets were encrypted under another key. Give the Secrets:Key (or the secrets.key file) "
                + "that this store was made with; to change it, give that one as Secrets:OldKey.", e);
        }
    }

    private static byte[] Wrapping(string key) => SHA256.HashData(Encoding.UTF8.GetBytes("simkeeper key ring\n" + key));

    /// <summary>The key ring as Data Protection sees it: one key, an XML element, encrypted whole with AES-256-GCM.</summary>
    private sealed class Ring : IXmlRepository
    {
        private readonly byte[] _wrapping;
        private XElement? _key;

        /// <param name="unwrapping">What opens it.</param>
        /// <param name="wrapping">What <see cref="Wrap"/> wraps it by.</param>
        /// <exception cref="AuthenticationTagMismatchException">It was wrapped by another key.</exception>
        public Ring(string? stored, byte[] unwrapping, byte[] wrapping)
        {
            _wrapping = wrapping;
            if (stored is not null)
                _key = XElement.Parse(Unwrap(stored, unwrapping));
        }

        public IReadOnlyCollection<XElement> GetAllElements() => _key is null ? [] : [_key];

        public void StoreElement(XElement element, string friendlyName) =>
            _key = _key is null ? element : throw new InvalidOperationException("The key ring has its key, and gets no other.");

        /// <summary>Derived from the ring's own key material, so that it stays when the wrapping key is changed.</summary>
        public byte[] MacKey() =>
            HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(_key!.ToString(SaveOptions.DisableFormatting)), 32,
                info: "simkeeper mac"u8.ToArray());

        public string Wrap()
        {
            var clear = Encoding.UTF8.GetBytes(_key!.ToString());
            var box = new byte[12 + 16 + clear.Length];
            RandomNumberGenerator.Fill(box.AsSpan(0, 12));
            using var aes = new AesGcm(_wrapping, 16);
            aes.Encrypt(box.AsSpan(0, 12), clear, box.AsSpan(28), box.AsSpan(12, 16));
            return Convert.ToBase64String(box);
        }

        private static string Unwrap(string stored, byte[] wrapping)
        {
            var box = Convert.FromBase64String(stored);
            var clear = new byte[box.Length - 28];
            using var aes = new AesGcm(wrapping, 16);
            aes.Decrypt(box.AsSpan(0, 12), box.AsSpan(28), box.AsSpan(12, 16), clear);
            return Encoding.UTF8.GetString(clear);
        }
    }

    /// <summary>The ring is encrypted whole, so its elements need no encryption of their own.</summary>
    private sealed class Plain : IXmlEncryptor
    {
        // The ring keeps the decryptor's name, and whoever reads it makes one by that name: neither name nor constructor may go.
        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(PlainDecryptor))]
        public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(new XElement(plaintextElement), typeof(PlainDecryptor));
    }

    private sealed class PlainDecryptor : IXmlDecryptor
    {
        public XElement Decrypt(XElement encryptedElement) => new(encryptedElement);
    }
}
