using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using Simkeeper.Core;

namespace Simkeeper.Server.Sims.Import;

/// <summary>Makes UTF-8 text of what was sent: unpacks gzip, and reads UTF-16. Its first bytes tell, whatever its name says.</summary>
internal static class CardText
{
    private const int HeadBytes = 4;
    private const int PieceBytes = 64 * 1024;

    /// <summary>Fails for files that are no text, such as a spreadsheet's own.</summary>
    public static async Task<Result<Stream>> OpenAsync(Stream sent, CancellationToken cancellation)
    {
        byte[] head;
        Stream text;
        try
        {
            (head, text) = await PeekAsync(sent, cancellation);
            if (head is [0x1F, 0x8B, ..])
                (head, text) = await PeekAsync(new GZipStream(text, CompressionMode.Decompress), cancellation);
        }
        catch (InvalidDataException)
        {
            return Wrong("This file is packed with gzip, and damaged. Pack it again.");
        }
        return head switch
        {
            [0x1F, 0x8B, ..] => Wrong("This file is packed with gzip more than once. Unpack it."),
            [(byte)'P', (byte)'K', 3 or 5, 4 or 6] or [0xD0, 0xCF, 0x11, 0xE0] =>
                Wrong("This is a spreadsheet or an archive, whatever its name says. Save it as CSV in UTF-8."),
            [0xFF, 0xFE, ..] or [not 0, 0, not 0, 0] => Utf16(text, bigEndian: false),
            [0xFE, 0xFF, ..] or [0, not 0, 0, not 0] => Utf16(text, bigEndian: true),
            _ => text,
        };
    }

    private static Stream Utf16(Stream text, bool bigEndian) => Encoding.CreateTranscodingStream(
        text, new UnicodeEncoding(bigEndian, byteOrderMark: true, throwOnInvalidBytes: true), new UTF8Encoding(false));

    private static async Task<(byte[] Head, Stream All)> PeekAsync(Stream stream, CancellationToken cancellation)
    {
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: PieceBytes));
        var read = await pipe.ReadAtLeastAsync(HeadBytes, cancellation);
        var head = new byte[Math.Min(HeadBytes, read.Buffer.Length)];
        var place = 0;
        foreach (var piece in read.Buffer)
        {
            var count = Math.Min(piece.Length, head.Length - place);
            piece.Span[..count].CopyTo(head.AsSpan(place));
            place += count;
        }
        pipe.AdvanceTo(read.Buffer.Start);
        return (head, pipe.AsStream());
    }

    private static Error Wrong(string message) => new(ErrorCode.InvalidValue, message);
}
