namespace Simkeeper.Server.Hosting;

/// <summary>
/// The body of a request as it arrives. A body whose framing is wrong, such as a chunk of 2⁶⁴ bytes, is the client's fault: it ends the
/// reading with the exception of a bad request.
/// </summary>
internal sealed class RequestBody(Stream body) : Stream
{
    /// <summary>The exception of a body that breaks off or whose framing is wrong.</summary>
    public static BadHttpRequestException Broken(Exception e) => new("The body does not arrive as its headers promise.", e);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="BadHttpRequestException">The body does not arrive as promised.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken stop = default)
    {
        try
        {
            return await body.ReadAsync(buffer, stop);
        }
        catch (Exception e) when (e is IOException and not BadHttpRequestException)
        {
            throw Broken(e);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken stop) =>
        ReadAsync(buffer.AsMemory(offset, count), stop).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }
}
