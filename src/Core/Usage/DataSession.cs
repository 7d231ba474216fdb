using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Simkeeper.Core.Usage;

/// <summary>A data session of a SIM: the sum of all its reports.</summary>
public sealed record DataSession
{
    public required Guid OrgId { get; init; }
    public required Guid SimId { get; init; }

    /// <summary>The network's own name for the session.</summary>
    public required string Name { get; init; }

    public required Guid Id { get; init; }

    /// <summary>The account that owned the SIM at the latest mark.</summary>
    public Guid AccountId { get; init; }

    public DateTimeOffset Start { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>Null while it is open.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>The time of the last reading of its counters.</summary>
    public DateTimeOffset ReportedAt { get; init; }

    /// <summary>The latest mark (<see cref="UsageMark.At"/>).</summary>
    public long MarkedAt { get; init; }

    /// <summary>Bytes from the SIM.</summary>
    public long Uploaded { get; init; }

    /// <summary>Bytes to the SIM.</summary>
    public long Downloaded { get; init; }

    /// <summary>The place where its use is counted (<see cref="Usage.Roaming.Of"/>).</summary>
    public string Roaming { get; init; } = Usage.Roaming.Home;

    public string? Mcc { get; init; }
    public string? Mnc { get; init; }

    /// <summary>The time of the report that named the network. The next two are the times for radio and IMEI.</summary>
    public DateTimeOffset? NetworkAt { get; init; }

    public string? Radio { get; init; }
    public DateTimeOffset? RadioAt { get; init; }
    public string? Imei { get; init; }
    public DateTimeOffset? ImeiAt { get; init; }

    /// <summary>The counters now.</summary>
    public UsageMark LatestMark => new(MarkedAt, AccountId, Uploaded, Downloaded);

    /// <summary>
    /// A session of which nothing is known yet. Its id follows from its first start and its name, and sorts by the start.
    /// </summary>
    public static DataSession New(Guid orgId, Guid simId, string name, DateTimeOffset start)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. simId.ToByteArray(), .. Encoding.UTF8.GetBytes(name)], hash);
        return new DataSession { OrgId = orgId, SimId = simId, Name = name, Id = IdOf(start.ToUnixTimeMilliseconds(), hash) };
    }

    /// <summary>The smallest id of a session that started at this moment.</summary>
    public static Guid FirstIdOf(DateTimeOffset start) => IdOf(start.ToUnixTimeMilliseconds(), stackalloc byte[16]);

    /// <summary>
    /// The session with a report's details added, apart from the counters. For a detail that may change, the latest report counts; of two
    /// reports of the same moment the greater value counts, so that the order of the reports does not matter.
    /// </summary>
    public DataSession With(UsageReport report)
    {
        var at = WholeMilliseconds(report.At);
        var start = WholeMilliseconds(report.Start);
        DateTimeOffset? end = report.End is { } given ? WholeMilliseconds(given) : null;
        var network = IsNewer(at, report.Mcc + report.Mnc, NetworkAt, Mcc + Mnc);
        var radio = IsNewer(at, report.Radio, RadioAt, Radio);
        var imei = IsNewer(at, report.Imei, ImeiAt, Imei);
        return this with
        {
            Start = start < Start ? start : Start,
            End = End is null || end > End ? end ?? End : End,
            ReportedAt = at > ReportedAt ? at : ReportedAt,
            Mcc = network ? report.Mcc : Mcc,
            Mnc = network ? report.Mnc : Mnc,
            NetworkAt = network ? at : NetworkAt,
            Radio = radio ? report.Radio : Radio,
            RadioAt = radio ? at : RadioAt,
            Imei = imei ? report.Imei : Imei,
            ImeiAt = imei ? at : ImeiAt,
        };
    }

    private static bool IsNewer(DateTimeOffset at, string? value, DateTimeOffset? knownAt, string? known) =>
        !string.IsNullOrEmpty(value) && (knownAt is null || at > knownAt || (at == knownAt && string.CompareOrdinal(value, known) > 0));

    /// <summary>Stored times are whole milliseconds.</summary>
    private static DateTimeOffset WholeMilliseconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    /// <summary>A UUIDv7 (RFC 9562 §5.7) of this millisecond whose other bits are given.</summary>
    private static Guid IdOf(long millisecond, ReadOnlySpan<byte> rest)
    {
        Span<byte> bytes = stackalloc byte[16];
        rest[..16].CopyTo(bytes);
        BinaryPrimitives.WriteInt64BigEndian(bytes, (millisecond << 16) | 0x7000 | (long)(bytes[6] & 0x0F) << 8 | bytes[7]);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
