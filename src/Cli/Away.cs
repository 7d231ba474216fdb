using System.Diagnostics;

namespace Simkeeper.Cli;

/// <summary>Says once that no server answers, and then once after how long it is back.</summary>
internal sealed class Away
{
    private readonly Stopwatch _since = new();

    public void Begin(string why)
    {
        if (_since.IsRunning)
            return;
        _since.Restart();
        Output.Message($"{why} Trying again.");
    }

    public void Back()
    {
        if (!_since.IsRunning)
            return;
        Output.Message($"Back after {Math.Ceiling(_since.Elapsed.TotalSeconds)} s.");
        _since.Reset();
    }
}
