using System.Text;
using System.Text.Unicode;

namespace Simkeeper.Server.Sims.Import;

/// <summary>A line of a file without its line break, or, with an empty text, what is wrong with it.</summary>
internal readonly record struct TextLine(int Number, string Text, string? Fault);

/// <summary>
/// Cuts a stream into lines of UTF-8, never holding more than one buffer, however long a line is. A line ends in LF, CR or both. The
/// Ctrl-Z that old systems put at the end of a file is no part of a line.
/// </summary>
/// <param name="bytesMax">The most bytes that are read.</param>
internal sealed class CardLines(Stream stream, long bytesMax)
{
    public const int MaxLineBytes = 64 * 1024;
    private const int BufferBytes = 4 * MaxLineBytes;
    private const byte CtrlZ = 0x1A;
    private static readonly string TooLong = $"A line has at most {MaxLineBytes} bytes.";

    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly Stack<TextLine> _givenBack = [];
    private int _start;
    private int _end;
    private int _number;
    private long _read;
    private bool _isOver;
    private bool _isAfterCr;
    private string? _damage;

    /// <summary>The number of the line that was read last.</summary>
    public int Number => _number;

    /// <summary>The next line, or null after the last.</summary>
    public async ValueTask<TextLine?> ReadAsync(CancellationToken cancellation)
    {
        if (_givenBack.TryPop(out var line))
            return line;
        var isTooLong = false;
        while (true)
        {
            if (_isAfterCr && _start < _end)
            {
                _isAfterCr = false;
                if (_buffer[_start] == '\n')
                    _start++;
            }
            var length = _buffer.AsSpan(_start, _end - _start).IndexOfAny((byte)'\n', (byte)'\r');
            if (length >= 0 || _isOver)
            {
                if (length < 0 && _damage is { } damage)
                {
                    (_damage, _start) = (null, _end);
                    return new(++_number, "", damage);
                }
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
        var read = 0;
        try
        {
            read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation);
        }
        catch (InvalidDataException)
        {
            _damage = "The packed file is damaged from here on. Pack it again.";
        }
        catch (DecoderFallbackException)
        {
            _damage = "The file is not UTF-16 from here on. Save it as UTF-8.";
        }
        _end += read;
        _read += read;
        if (_read > bytesMax)
        {
            _end -= (int)(_read - bytesMax);
            (_damage, read) = ($"A file has at most {bytesMax} bytes, unpacked. The rest was not read; split the file.", 0);
        }
        _isOver = read == 0;
    }

    private TextLine Take(int length, bool isTooLong)
    {
        var bytes = _buffer.AsSpan(_start, length);
        _isAfterCr = _start + length < _end && _buffer[_start + length] == '\r';
        _start = Math.Min(_start + length + 1, _end);
        _number++;
        if (_number == 1 && bytes.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        bytes = bytes.TrimEnd(CtrlZ);
        var fault = isTooLong || bytes.Length > MaxLineBytes ? TooLong
            : bytes.Contains((byte)0) ? "This line has a NUL in it. The file is damaged, or is not text in UTF-8."
            : !Utf8.IsValid(bytes) ? "This line is not UTF-8. Save the file as UTF-8."
            : null;
        return new(_number, fault is null ? Encoding.UTF8.GetString(bytes) : "", fault);
    }
}
