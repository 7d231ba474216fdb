using Simkeeper.Core.Sims;

namespace Simkeeper.Bench;

/// <summary>
/// Reading one SIM of another org while somebody attacks, against the same reads alone: the time that 99 of 100 stay under. Each attack is
/// one that stopped other callers once. The attackers run on the same machine, so the first figure is the floor: the same reads while
/// another program has the load.
/// </summary>
internal static class FairnessFigures
{
    private const int Sims = 1_000_000;
    private const double Most = 3;

    /// <summary>The other org's reads a second: few, so that their time is that of the server's work and not of their own queue.</summary>
    private const int ReadsPerSecond = 100;

    /// <summary>SIMs that are attacked by name.</summary>
    private const int OfAttacker = 1000;

    /// <summary>The connections of the floor: as many as the attack that sends requests with the most has.</summary>
    private const int FloorConnections = 256;

    /// <summary>The time between the start of an attack and the first read that counts.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The time after an attack, before reads alone are measured: when the attacker has gone, the server still closes thousands of
    /// connections.
    /// </summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    public static async Task<List<Figure>> RunAsync(Setup setup)
    {
        var (folder, sims) = await FillAsync(setup);
        await using var server = await ServerProcess.StartAsync(setup.Program, folder);
        await using var other = await ServerProcess.StartConstantAsync("http://0.0.0.0:0");
        using var victim = await Victim.MakeAsync(server);
        var anything = setup.Lines("anything", ["/"]);
        var (ratio, full, alone) = await MeasureAsync(setup, victim, "floor",
            stop => FairnessAttacks.StormAsync(other, FloorConnections, "GET", anything, "-", [], stop));
        var figures = new List<Figure>
        {
            new($"GET of another org, p99, while another program serves {FloorConnections} connections, ÷ alone: the floor", "none",
                $"{ratio:0.00} ({full:N1} ms)", $"{alone:N1} ms", true),
        };
        foreach (var (name, run) in new FairnessAttacks(setup, server, folder, sims, other).All)
        {
            (ratio, var attacked, alone) = await MeasureAsync(setup, victim, name, run);
            figures.Add(Figure.AtMost($"GET of another org, p99, under attack {name}, ÷ alone", Most, "", ratio,
                $"{attacked:N1} ms", $"{alone:N1} ms"));
        }
        return figures;
    }

    /// <summary>Only a few of the SIMs are kept in memory: this process is the other org, and must not be slow itself.</summary>
    private static async Task<(string Folder, List<Sim> Sims)> FillAsync(Setup setup)
    {
        var (folder, sims) = await Stores.FillAsync(setup, "fairness", Sims, Inventory.InUse);
        return (folder, sims[..OfAttacker]);
    }

    /// <summary>The medians of the reads' time while something else goes on and alone, in milliseconds, and of their ratios.</summary>
    private static async Task<(double Ratio, double Attacked, double Alone)> MeasureAsync(
        Setup setup, Victim victim, string name, Func<CancellationToken, Task> run)
    {
        Console.Error.WriteLine($"  {name} …");
        async Task<double> ReadAsync() => (await victim.ReadAsync(TimeSpan.FromSeconds(setup.Seconds), ReadsPerSecond)).NinetyNine;
        var rounds = await Rounds.RunAsync(
            ReadAsync,
            async () =>
            {
                using var stop = new CancellationTokenSource();
                var attack = run(stop.Token);
                await Task.Delay(Lead);
                var time = await ReadAsync();
                await stop.CancelAsync();
                await attack;
                await Task.Delay(Rest);
                return time;
            });
        return (rounds.Ratio(1, 0), rounds.Of(1), rounds.Of(0));
    }
}
