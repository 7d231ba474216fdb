using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Simkeeper.Core.Usage;

namespace Simkeeper.Server.Usage;

/// <summary>A data session, as stored: what all its reports together say.</summary>
internal sealed record DataSession
{
    public required Guid OrgId { get; init; }
    public required Guid SimId { get; init; }
    public required string Name { get; init; }
    public required Guid Id { get; init; }
    public Guid AccountId { get; init; }
    public DateTimeOffset Start { get; init; } = DateTimeOffset.MaxValue;
    public DateTimeOffset? End { get; init; }
    public DateTimeOffset ReportedAt { get; init; }
    public long MarkedAt { get; init; }
    public long Uploaded { get; init; }
    public long Downloaded { get; init; }
    public string Roaming { get; init; } = Core.Usage.Roaming.Home;
    public string? Mcc { get; init; }
    public string? Mnc { get; init; }
    public DateTimeOffset? NetworkAt { get; init; }
    public string? Radio { get; init; }
    public DateTimeOffset? RadioAt { get; init; }
    public string? Imei { get; init; }
    public DateTimeOffset? ImeiAt { get; init; }

    /// <summary>Where the counters stand now.</summary>
    public UsageMark LatestMark => new(MarkedAt, AccountId, Uploaded, Downloaded);

    /// <summary>A session that nothing is known of yet. Its id follows from its first start and its name, and sorts by the start.</summary>
    public static DataSession New(Guid orgId, Guid simId, string name, DateTimeOffset start)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. simId.ToByteArray(), .. Encoding.UTF8.GetBytes(name)], hash);
        return new DataSession { OrgId = orgId, SimId = simId, Name = name, Id = IdOf(start.ToUnixTimeMilliseconds(), hash) };
    }

    /// <summary>The smallest id of a session that started then.</summary>
    public static Guid FirstIdOf(DateTimeOffset start) => IdOf(start.ToUnixTimeMilliseconds(), stackalloc byte[16]);

    /// <summary>
    /// The session once it is known what a report says beside its counters. Of what may change, the latest word counts, and of two of
    /// the same moment the greater, so that the order of the reports does not matter.
    /// </summary>
    public DataSession With(UsageReport report)
    {
        // What is stored is whole milliseconds.
        var at = DateTimeOffset.FromUnixTimeMilliseconds(report.At.ToUnixTimeMilliseconds());
        var start = DateTimeOffset.FromUnixTimeMilliseconds(report.Start.ToUnixTimeMilliseconds());
        DateTimeOffset? end = report.End is { } given ? DateTimeOffset.FromUnixTimeMilliseconds(given.ToUnixTimeMilliseconds()) : null;
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
