using System.Diagnostics;

namespace Simkeeper.Cli;

/// <summary>Shows the progress of an import or a copy on stderr: one redrawn line on a terminal, else a line every few seconds.</summary>
internal sealed class Progress(long? bytesTotal)
{
    private const int BarLength = 24;
    private const double Megabyte = 1_000_000;
    private static readonly TimeSpan RedrawEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(5);
    private readonly bool _terminal = !Console.IsErrorRedirected;
    private readonly Stopwatch _running = Stopwatch.StartNew();
    private TimeSpan _shownAt;
    private int _shownLength;
    private long _bytesSent;

    public void Sent(int bytes)
    {
        _bytesSent += bytes;
        if (!IsDue())
            return;
        var rate = $"{_bytesSent / Megabyte / _running.Elapsed.TotalSeconds:0.0} MB/s";
        if (bytesTotal is not > 0)
        {
            Show($"{_bytesSent / Megabyte:0.0} MB sent, {rate}");
            return;
        }
        var share = Math.Min(1, (double)_bytesSent / bytesTotal.Value);
        Show($"{Bar(share)}{share * 100:0} %, {_bytesSent / Megabyte:0.0} of {bytesTotal.Value / Megabyte:0.0} MB sent, {rate}");
    }

    public void Rows(long rows)
    {
        if (IsDue())
            Show($"{rows} rows dealt with");
    }

    public void Rows(long rows, long total)
    {
        var share = total == 0 ? 1 : (double)rows / total;
        if (IsDue())
            Show($"{Bar(share)}{share * 100:0} %, {rows} of {total} rows");
    }

    /// <summary>Takes the redrawn line away, so that a message can be printed in its place.</summary>
    public void Clear()
    {
        if (_shownLength > 0)
            Console.Error.Write($"\r{new string(' ', _shownLength)}\r");
        _shownLength = 0;
    }

    private string Bar(double share) => _terminal ? $"[{new string('#', (int)(share * BarLength)).PadRight(BarLength)}] " : "";

    private bool IsDue() => _running.Elapsed - _shownAt >= (_terminal ? RedrawEvery : LineEvery);

    private void Show(string text)
    {
        _shownAt = _running.Elapsed;
        if (!_terminal)
        {
            Console.Error.WriteLine(text);
            return;
        }
        Console.Error.Write('\r' + text.PadRight(_shownLength));
        _shownLength = text.Length;
    }
}
