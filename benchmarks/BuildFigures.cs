namespace Simkeeper.Bench;

/// <summary>The native build against the jitted one, by turns: reading, durable writing and importing.</summary>
internal static class BuildFigures
{
    private const int Sims = 100_000;
    private const int Readers = 32;
    private const int Writers = 64;

    public static async Task<List<Figure>> RunAsync(Setup setup)
    {
        var (folder, sims) = await Stores.FillAsync(setup, "builds", Sims, Inventory.InUse);
        var copy = Stores.Copy(setup, folder, "builds-jitted");
        var paths = setup.Lines("builds", sims.Select(sim => $"/projects/sandbox/sims/{sim.PublicId}"));
        await using var native = await ServerProcess.StartAsync(setup.Native, folder);
        await using var jitted = await ServerProcess.StartAsync(setup.Jitted, copy);
        using var nativeClient = ImportFigures.ClientOf(native);
        using var jittedClient = ImportFigures.ClientOf(jitted);
        async Task<double> PerSecond(ServerProcess asked, string script, int connections) =>
            (await Wrk.RunAsync(asked.Url, script, connections, setup.Seconds, paths, ServerProcess.GigsAuthorization)).PerSecond;
        var gets = await Rounds.RunAsync(() => PerSecond(native, "get.lua", Readers), () => PerSecond(jitted, "get.lua", Readers));
        var patches = await Rounds.RunAsync(() => PerSecond(native, "patch.lua", Writers), () => PerSecond(jitted, "patch.lua", Writers));
        var (first, second) = (2 * Sims, 2 * Sims);
        var imports = await Rounds.RunAsync(
            () => ImportFigures.ImportAsync(nativeClient, first += ImportFigures.RowsOfRound),
            () => ImportFigures.ImportAsync(jittedClient, second += ImportFigures.RowsOfRound));
        return [Of("GET one SIM", gets, "/s"), Of("PATCH metadata", patches, "/s"), Of("import", imports, " rows/s")];
    }

    private static Figure Of(string name, Rounds rounds, string unit) => Figure.AtLeast(
        $"{name}, native ÷ jitted", 0.97, rounds.Ratio(0, 1), $"{rounds.Of(0):N0}{unit}", $"jitted {rounds.Of(1):N0}{unit}");
}
