using System.Text;
using System.Text.Unicode;

namespace Simkeeper.Server.Sims.Import;

/// <summary>A line of a file without its line break, or, with an empty text, what is wrong with it.</summary>
internal readonly record struct TextLine(int Number, string Text, string? Fault);

/// <summary>Cuts a stream into lines of UTF-8, never holding more than one buffer, however long a line is.</summary>
internal sealed class CardLines(Stream stream)
{
    public const int MaxLineBytes = 64 * 1024;
    private const int BufferBytes = 4 * MaxLineBytes;
    private static readonly string TooLong = $"A line has at most {MaxLineBytes} bytes.";

    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly Stack<TextLine> _givenBack = [];
    private int _start;
    private int _end;
    private int _number;
    private bool _isOver;

    /// <summary>The next line, or null after the last.</summary>
    public async ValueTask<TextLine?> ReadAsync(CancellationToken cancellation)
    {
        if (_givenBack.TryPop(out var line))
            return line;
        var isTooLong = false;
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0 || _isOver)
            {
                if (length < 0 && _start == _end && !isTooLong)
                    return null;
                return Take(length < 0 ? _end - _start : length, isTooLong);
            }
            if (_end - _start > MaxLineBytes + 1)
            {
                isTooLong = true;
                _start = _end;
            }
            await FillAsync(cancellation);
        }
    }

    /// <summary>Lines that were read too far, in their order; they come again.</summary>
    public void GiveBack(IReadOnlyList<TextLine> lines)
    {
        for (var i = lines.Count - 1; i >= 0; i--)
            _givenBack.Push(lines[i]);
    }

    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation);
        _end += read;
        _isOver = read == 0;
    }

    private TextLine Take(int length, bool isTooLong)
    {
        var bytes = _buffer.AsSpan(_start, length);
        _start = Math.Min(_start + length + 1, _end);
        _number++;
        if (bytes.EndsWith("\r"u8))
            bytes = bytes[..^1];
        if (_number == 1 && bytes.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        var fault = isTooLong || bytes.Length > MaxLineBytes ? TooLong
            : bytes.Contains((byte)0) ? "This line has a NUL in it. The file is damaged, or is not text in UTF-8."
            : !Utf8.IsValid(bytes) ? "This line is not UTF-8. Save the file as UTF-8."
            : null;
        return new(_number, fault is null ? Encoding.UTF8.GetString(bytes) : "", fault);
    }
}
