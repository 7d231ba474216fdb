using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using QRCoder;
using Simkeeper.Core.Numbers;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>
/// Serves activation codes as public PNGs. The address proves itself: it has SIM, counter and a 128-bit MAC. Nothing is stored for it, and
/// counting up revokes it.
/// </summary>
internal sealed class QrCodes(Database database, GigsSettings settings, TimeProvider wall)
{
    private const int MacBytes = 16;
    private const int PixelsPerModule = 8;

    private const string Prefix = "/qrcode/";
    private const string Suffix = ".png";

    /// <summary>Counts requests by caller, so that a caller who guesses addresses locks out nobody else.</summary>
    private readonly PerMinute _asked = new(settings.QrPerMinute, wall);

    /// <summary>The code that installs the profile; null for a pSIM, an eSIM without an SM-DP+ address, and a retired SIM.</summary>
    public static ActivationCode? ActivationCode(Sim sim, Secrets secrets)
    {
        if (sim.Type != SimType.ESim || sim.SmdpAddress is null || sim.Status == SimStatus.Canceled)
            return null;
        var matchingId = sim.SealedMatchingId is { } @sealed ? secrets.Open(@sealed) : "";
        return Core.Numbers.ActivationCode.Create(sim.SmdpAddress, matchingId, null, sim.ConfirmationCodeRequired).Value;
    }

    /// <summary>The path of a SIM's QR code.</summary>
    public static string Path(Sim sim, Secrets secrets) => Prefix + Token(sim.Id, sim.QrCounter, secrets) + Suffix;

    /// <summary>Serves <c>/qrcode/….png</c>. Any fault in the address is 404, so that nothing can be learnt from guessing.</summary>
    public async Task HandleAsync(HttpContext context, Secrets secrets)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (_asked.Count(PerMinute.Caller(context.Connection.RemoteIpAddress)) is { } seconds)
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = seconds.ToString();
            return;
        }
        byte[]? png;
        try
        {
            png = context.Request.Method is "GET" or "HEAD" ? await RenderAsync(context.Request.Path.Value!, secrets) : null;
        }
        catch (Exception e) when (e is StoreAwayException or OutOfTimeException)
        {
            context.Response.StatusCode = 503;
            return;
        }
        if (png is null)
        {
            context.Response.StatusCode = 404;
            return;
        }
        context.Response.ContentType = "image/png";
        context.Response.ContentLength = png.Length;
        if (context.Request.Method == "GET")
            await context.Response.Body.WriteAsync(png);
    }

    private async Task<byte[]?> RenderAsync(string path, Secrets secrets)
    {
        if (!path.StartsWith(Prefix, StringComparison.Ordinal) || !path.EndsWith(Suffix, StringComparison.Ordinal))
            return null;
        var token = path[Prefix.Length..^Suffix.Length];
        var bytes = new byte[64];
        if (token.Length > bytes.Length || Base64Url.DecodeFromChars(token, bytes, out _, out var length) != OperationStatus.Done
            || length != 20 + MacBytes)
            return null;
        // The decoder ignores spaces and padding, but an address may have one spelling only.
        if (Base64Url.EncodeToString(bytes.AsSpan(0, length)) != token)
            return null;
        var id = new Guid(bytes.AsSpan(0, 16), bigEndian: true);
        var counter = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16));
        if (!CryptographicOperations.FixedTimeEquals(Mac(bytes.AsSpan(0, 20), secrets), bytes.AsSpan(20, MacBytes)))
            return null;
        var sim = await database.ReadAsync(session => session.OneAsync(SimSql.ByIdAnywhere, SimTable.Rows.Read, id));
        if (sim is null || sim.QrCounter != counter || ActivationCode(sim, secrets) is not { } code)
            return null;
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(code.Reveal(), QRCodeGenerator.ECCLevel.M);
        using var image = new PngByteQRCode(data);
        return image.GetGraphic(PixelsPerModule);
    }

    private static string Token(Guid id, int counter, Secrets secrets)
    {
        var bytes = new byte[20 + MacBytes];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), counter);
        Mac(bytes.AsSpan(0, 20), secrets).CopyTo(bytes.AsSpan(20));
        return Base64Url.EncodeToString(bytes);
    }

    private static ReadOnlySpan<byte> Mac(ReadOnlySpan<byte> data, Secrets secrets) => secrets.Mac(data).AsSpan(0, MacBytes);
}
