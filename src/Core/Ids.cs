using System.Buffers.Binary;

namespace Simkeeper.Core;

/// <summary>
/// The public spellings of our ids. Each id is one UUIDv7, or one that <see cref="SayAhead"/> made of it. It is written as a SID (two
/// letters and 32 hex digits), or as a prefix and 22 base62 digits in ASCII order. Both spellings sort like the id itself.
/// </summary>
public static class Ids
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int Base62Length = 22;
    private const string UlidDigits = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int UlidLength = 26;

    /// <summary>62^10: the most digits that 64 bits hold are split off at once, since dividing 128 bits is slow.</summary>
    private const ulong TenDigits = 839_299_365_868_340_224;

    /// <summary>The version of an id that says by how much it is ahead, and the most milliseconds that it can say (34 years).</summary>
    private const int AheadVersion = 8;
    private const long AheadMax = (1L << 40) - 1;

    private static readonly UInt128 LastToMultiply = UInt128.MaxValue / 62;

    /// <summary>The SID, e.g. <c>DE0190…</c>; hex digits are lower case.</summary>
    public static string ToSid(string prefix, Guid id) => prefix + id.ToString("N");

    /// <summary>Reads a SID with this prefix: <c>^XX[0-9a-fA-F]{32}$</c>.</summary>
    public static bool TryParseSid(string prefix, string? text, out Guid id)
    {
        id = default;
        return text is { Length: 34 } && text.StartsWith(prefix, StringComparison.Ordinal)
            && Guid.TryParseExact(text.AsSpan(2), "N", out id);
    }

    /// <summary>True for two capital letters and 32 hex digits, whatever resource they name.</summary>
    public static bool LooksLikeSid(string text) =>
        text.Length == 34 && char.IsAsciiLetterUpper(text[0]) && char.IsAsciiLetterUpper(text[1])
        && Guid.TryParseExact(text.AsSpan(2), "N", out _);

    /// <summary>The base62 spelling, e.g. <c>sim_02kG…</c>: the prefix, an underscore, 22 base62 digits.</summary>
    public static string ToBase62(string prefix, Guid id) =>
        string.Create(prefix.Length + 1 + Base62Length, (prefix, id), static (span, state) =>
        {
            state.prefix.CopyTo(span);
            span[state.prefix.Length] = '_';
            var rest = ToUInt128(state.id);
            ulong ten = 0;
            for (var (i, left) = (span.Length - 1, 0); i > state.prefix.Length; i--, left--)
            {
                if (left == 0)
                {
                    (rest, var split) = UInt128.DivRem(rest, TenDigits);
                    (ten, left) = ((ulong)split, 10);
                }
                (ten, var digit) = Math.DivRem(ten, 62);
                span[i] = Digits[(int)digit];
            }
        });

    /// <summary>Reads the base62 spelling. Refuses any other length or alphabet, and a number over 128 bits.</summary>
    public static bool TryParseBase62(string prefix, string? text, out Guid id)
    {
        id = default;
        if (text is null || text.Length != prefix.Length + 1 + Base62Length
            || !text.StartsWith(prefix, StringComparison.Ordinal) || text[prefix.Length] != '_')
            return false;
        UInt128 value = 0;
        foreach (var c in text.AsSpan(prefix.Length + 1))
        {
            var digit = Digits.IndexOf(c);
            if (digit < 0 || value > LastToMultiply)
                return false;
            value = (value * 62) + (UInt128)digit;
            // The sum has wrapped around: the number is over 128 bits.
            if (value < (UInt128)digit)
                return false;
        }
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        id = new Guid(bytes, bigEndian: true);
        return true;
    }

    /// <summary>The spelling of a ULID, e.g. <c>whs_01jf8c…</c>: the prefix, an underscore, 26 base32 digits (Crockford's).</summary>
    public static string ToUlid(string prefix, Guid id)
    {
        Span<char> digits = stackalloc char[UlidLength];
        var rest = ToUInt128(id);
        for (var i = UlidLength - 1; i >= 0; i--, rest >>= 5)
            digits[i] = UlidDigits[(int)(rest & 31)];
        return $"{prefix}_{digits}";
    }

    /// <summary>Reads that spelling. Refuses any other length or alphabet, capitals, and a number over 128 bits.</summary>
    public static bool TryParseUlid(string prefix, string? text, out Guid id)
    {
        id = default;
        if (text is null || text.Length != prefix.Length + 1 + UlidLength
            || !text.StartsWith(prefix, StringComparison.Ordinal) || text[prefix.Length] != '_')
            return false;
        var digits = text.AsSpan(prefix.Length + 1);
        if (UlidDigits.IndexOf(digits[0]) > 7)
            return false;
        UInt128 value = 0;
        foreach (var c in digits)
        {
            var digit = UlidDigits.IndexOf(c);
            if (digit < 0)
                return false;
            value = (value << 5) | (UInt128)digit;
        }
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        id = new Guid(bytes, bigEndian: true);
        return true;
    }

    /// <summary>The moment an id was made, to the millisecond.</summary>
    public static DateTimeOffset CreatedAt(Guid id)
    {
        var value = ToUInt128(id);
        var ahead = ((int)(value >> 76) & 0xF) == AheadVersion ? (long)(value >> 16) & AheadMax : 0;
        return DateTimeOffset.FromUnixTimeMilliseconds((long)(value >> 80) - ahead);
    }

    /// <summary>
    /// The moment by which an id is ordered: its leading millisecond (RFC 9562 §5.7). It is later than <see cref="CreatedAt"/> for an id
    /// that was made after the clock had been set back.
    /// </summary>
    public static DateTimeOffset PlaceOf(Guid id) => DateTimeOffset.FromUnixTimeMilliseconds((long)(ToUInt128(id) >> 80));

    /// <summary>
    /// Makes a UUIDv7 one of version 8 (RFC 9562 §5.8), whose bits 72 to 111 say by how many milliseconds its place is ahead of the moment
    /// at which it is made.
    /// </summary>
    public static void SayAhead(Span<byte> id, long milliseconds)
    {
        id[6] = (byte)((id[6] & 0x0F) | (AheadVersion << 4));
        Span<byte> ahead = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(ahead, Math.Min(milliseconds, AheadMax));
        ahead[3..].CopyTo(id[9..14]);
    }

    /// <summary>The id right before every id that was made at this moment or later.</summary>
    public static Guid FirstOf(DateTimeOffset time) =>
        Guid.ParseExact($"{Math.Max(0, time.ToUnixTimeMilliseconds()):x12}{new string('0', 20)}", "N");

    private static UInt128 ToUInt128(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
