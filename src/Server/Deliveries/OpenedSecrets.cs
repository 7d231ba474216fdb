using System.Buffers.Binary;
using System.Collections.Concurrent;
using Simkeeper.Server.Accounts;

namespace Simkeeper.Server.Deliveries;

/// <summary>Opens sealed secrets and keeps them open, so that not every attempt has to open them again.</summary>
internal sealed class OpenedSecrets(Secrets secrets)
{
    /// <summary>The most secrets kept open; beyond it all are forgotten.</summary>
    private const int KeptMax = 10_000;

    private readonly ConcurrentDictionary<byte[], string> _opened = new(new SealedBytes());

    public string Open(byte[] @sealed)
    {
        if (_opened.TryGetValue(@sealed, out var clear))
            return clear;
        if (_opened.Count >= KeptMax)
            _opened.Clear();
        return _opened[@sealed] = secrets.Open(@sealed);
    }

    /// <summary>Compares sealed secrets. Each ends with a MAC, so two that differ anywhere differ in their last bytes.</summary>
    private sealed class SealedBytes : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(bytes.Length - sizeof(int)));
    }
}
