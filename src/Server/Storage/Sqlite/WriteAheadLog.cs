using System.Buffers.Binary;

namespace Simkeeper.Server.Storage.Sqlite;

/// <summary>
/// Reads the write-ahead log that a killed server left (SQLite's file format, chapter 4). SQLite takes a log up to its first damaged frame
/// and says nothing of the rest. A frame that was being written when the machine stopped looks damaged too, but only the last transaction
/// can be such: each is on the disk before the next is written.
/// </summary>
internal static class WriteAheadLog
{
    private const int HeaderBytes = 32, FrameHeaderBytes = 24;
    private const uint Magic = 0x377F0682;

    /// <summary>
    /// Says what is damaged in a transaction that others follow, and so was acknowledged; null: nothing that can be told from a kill.
    /// </summary>
    public static string? Damage(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20);
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (file.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes)
            return null;
        var sum = new Checksum((Number(header, 0) & 1) == 1);
        sum.Add(header[..24]);
        // It is on the disk before any frame is written.
        if ((Number(header, 0) & ~1u) != Magic || !sum.Is(header[24..]))
            return file.Length > HeaderBytes + FrameHeaderBytes ? "its header" : null;
        var frame = new byte[FrameHeaderBytes + (int)Number(header, 8)];
        var salt = header[16..24].ToArray();
        var (number, broken, hasEnded) = (0L, 0L, false);
        while (file.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) == frame.Length)
        {
            number++;
            // An older turn of the log: nothing that comes now belongs to this one.
            if (!frame.AsSpan(8, 8).SequenceEqual(salt))
            {
                if (broken == 0)
                    broken = number;
                continue;
            }
            if (broken == 0)
            {
                sum.Add(frame.AsSpan(0, 8));
                sum.Add(frame.AsSpan(FrameHeaderBytes));
                if (!sum.Is(frame.AsSpan(16)))
                    broken = number;
            }
            if (broken == 0)
                continue;
            // A transaction that has ended, and one more frame: the damage is in what was acknowledged.
            if (hasEnded)
                return $"frame {broken}";
            hasEnded = Number(frame, 4) != 0;
        }
        return null;
    }

    private static uint Number(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);

    /// <summary>SQLite's running checksum, over words of either byte order.</summary>
    private struct Checksum(bool isBigEndian)
    {
        private uint _first;
        private uint _second;

        public void Add(ReadOnlySpan<byte> bytes)
        {
            for (var i = 0; i < bytes.Length; i += 8)
            {
                _first += Word(bytes[i..]) + _second;
                _second += Word(bytes[(i + 4)..]) + _first;
            }
        }

        public readonly bool Is(ReadOnlySpan<byte> stored) => _first == Number(stored, 0) && _second == Number(stored, 4);

        private readonly uint Word(ReadOnlySpan<byte> bytes) => isBigEndian
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }
}
