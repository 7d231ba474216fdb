using System.Net;
using System.Net.Http.Headers;

namespace Simkeeper.Cli;

/// <summary>A file as the body of a request, piece by piece in constant memory.</summary>
internal sealed class FileBody : HttpContent
{
    private const int PieceBytes = 64 * 1024;
    private readonly Stream _file;
    private readonly Progress _progress;

    public FileBody(Stream file, string mediaType, Progress progress)
    {
        (_file, _progress) = (file, progress);
        Headers.ContentType = new MediaTypeHeaderValue(mediaType);
    }

    /// <summary>True once any of it is on its way: the server may have begun to work on it.</summary>
    public bool Started { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Started = true;
        var piece = new byte[PieceBytes];
        while (await _file.ReadAsync(piece, cancellationToken) is > 0 and var count)
        {
            await stream.WriteAsync(piece.AsMemory(0, count), cancellationToken);
            _progress.Sent(count);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _file.CanSeek ? _file.Length : 0;
        return _file.CanSeek;
    }
}
