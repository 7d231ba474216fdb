using System.Collections.Concurrent;
using System.Globalization;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Simulation;

public sealed class SimulationTests
{
    private static readonly int SeedsByDefault = TestDatabase.IsWanted ? 6 : 300;

    [Fact]
    public async Task Whatever_happens_nothing_is_lost_doubled_or_illegal()
    {
        var seeds = Number("SIMKEEPER_SEED") is { } one
            ? [one]
            : Enumerable.Range(Number("SIMKEEPER_SIMULATE_FROM") ?? 1, Number("SIMKEEPER_SIMULATE") ?? SeedsByDefault);
        var failed = new ConcurrentDictionary<int, IReadOnlyList<string>>();
        // Stories wait for real seconds at times.
        var together = new ParallelOptions
        {
            MaxDegreeOfParallelism = 2 * Environment.ProcessorCount,
            CancellationToken = TestContext.Current.CancellationToken,
        };
        await Parallel.ForEachAsync(seeds, together, async (seed, _) =>
        {
            if (await Simulation.RunAsync(seed) is { Count: > 0 } violations)
                failed[seed] = violations;
        });
        Assert.True(failed.IsEmpty, $"{failed.Count} seeds failed. SIMKEEPER_SEED=… runs just one of them.\n"
            + string.Join('\n', failed.OrderBy(pair => pair.Key).Take(10)
                .Select(pair => $"Seed {pair.Key}: {string.Join("\n    ", pair.Value.Take(5))}"))
            + $"\nAll of them: {string.Join(' ', failed.Keys.Order())}");
    }

    private static int? Number(string variable) => int.TryParse(
        Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
