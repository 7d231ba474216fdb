using System.Buffers.Binary;
using System.Security.Cryptography;
using Simkeeper.Core;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Clock;

/// <summary>
/// Makes UUIDv7 ids (RFC 9562 §5.7) on the SIM clock, strictly increasing within the process even when the clock steps back: the
/// millisecond is the later of now and the last one used, and a 12-bit counter follows it. While that millisecond is far ahead of now, the
/// ids are UUIDv8 (§5.8) and say by how much, so that nothing looks as if it were made in the future (<see cref="Ids.CreatedAt"/>).
/// </summary>
internal sealed class IdGenerator(SimClock clock)
{
    private const int CounterMax = 0xFFF;

    /// <summary>The milliseconds by which an id may be ahead of the clock without saying so.</summary>
    private const long AheadMax = 1000;

    private const int RandomBytesOfId = 8;

    private readonly Lock _lock = new();

    /// <summary>Fetches many random bytes at a time, since one fetch costs as much as all the rest.</summary>
    private readonly byte[] _random = new byte[RandomBytesOfId * 512];

    private int _randomUsed = int.MaxValue;
    private long _lastMillisecond;
    private int _counter;
    private bool _saysAhead;

    /// <summary>The millisecond of the last id.</summary>
    public DateTimeOffset Latest
    {
        get
        {
            lock (_lock)
                return DateTimeOffset.FromUnixTimeMilliseconds(_lastMillisecond);
        }
    }

    /// <summary>The next id.</summary>
    public Guid Next() => Next(clock.Now);

    /// <summary>The next id for this moment, or for the last one used if that is later.</summary>
    public Guid Next(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        var moment = now.ToUnixTimeMilliseconds();
        long millisecond;
        int counter;
        bool saysAhead;
        lock (_lock)
        {
            millisecond = Math.Max(moment, _lastMillisecond);
            // Within a millisecond an id of version 7 would come before one of version 8 that was made earlier.
            if (millisecond == _lastMillisecond && (++_counter > CounterMax || (_saysAhead && millisecond - moment <= AheadMax)))
                millisecond++;
            if (millisecond > _lastMillisecond)
                _counter = 0;
            _lastMillisecond = millisecond;
            _saysAhead = saysAhead = millisecond - moment > AheadMax;
            counter = _counter;
            if (_randomUsed >= _random.Length)
            {
                RandomNumberGenerator.Fill(_random);
                _randomUsed = 0;
            }
            _random.AsSpan(_randomUsed, RandomBytesOfId).CopyTo(bytes[8..]);
            _randomUsed += RandomBytesOfId;
        }
        BinaryPrimitives.WriteInt64BigEndian(bytes, millisecond << 16);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)(0x7000 | counter));
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        if (saysAhead)
            Ids.SayAhead(bytes, millisecond - moment);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Continues from the store: no id is made before one that is stored, whatever the clock says now.</summary>
    public async Task RestoreAsync(Database database)
    {
        var last = await database.ReadAsync(session =>
            session.ListAsync(LastIdSql.OfOrgs, row => Enumerable.Range(0, LastIdSql.Tables.Count).Select(row.IdOrNull).ToList()));
        foreach (var id in last.SelectMany(ofOrg => ofOrg).OfType<Guid>())
            StartAfter(id);
    }

    /// <summary>Makes no id before this one from now on.</summary>
    public void StartAfter(Guid id)
    {
        lock (_lock)
            _lastMillisecond = Math.Max(_lastMillisecond, Ids.PlaceOf(id).ToUnixTimeMilliseconds() + 1);
    }
}
