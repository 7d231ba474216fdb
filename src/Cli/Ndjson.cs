using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Simkeeper.Cli;

/// <summary>Reads JSON lines as they arrive.</summary>
internal static class Ndjson
{
    private const int LineBytesMax = 64 * 1024;

    public static async IAsyncEnumerable<byte[]> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var reader = PipeReader.Create(stream);
        while (true)
        {
            var result = await reader.ReadAsync(cancellation);
            var rest = result.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                yield return rest.Slice(0, end).ToArray();
                rest = rest.Slice(rest.GetPosition(1, end));
            }
            if (rest.Length > LineBytesMax)
                throw new InvalidDataException($"A line of the answer is over {LineBytesMax} bytes.");
            if (result.IsCompleted)
            {
                if (!rest.IsEmpty)
                    yield return rest.ToArray();
                yield break;
            }
            reader.AdvanceTo(rest.Start, rest.End);
        }
    }
}
