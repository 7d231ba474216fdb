namespace Simkeeper.Bench;

/// <summary>Reading one SIM, against an answer that needs neither authentication, nor the store, nor JSON.</summary>
internal static class GetFigures
{
    private const int Sims = 100_000;
    private const int Connections = 32;

    /// <summary>As many of each kind, and few enough that making requests costs the client little beside the server's work.</summary>
    private const int Paths = 10_000;

    public static async Task<List<Figure>> RunAsync(Setup setup)
    {
        var (folder, sims) = await Stores.FillAsync(setup, "get", Sims, Inventory.InUse);
        var asked = new Random(1).GetItems(sims.ToArray(), Paths);
        var constant = setup.Lines("constant", asked.Select(sim => $"/{sim.PublicId}"));
        var gigs = setup.Lines("gigs", asked.Select(sim => $"/projects/sandbox/sims/{sim.PublicId}"));
        var kore = setup.Lines("kore", asked.Select(sim => $"/v1/Sims/{sim.Sid}"));
        await using var server = await ServerProcess.StartAsync(setup.Program, folder);
        await using var floor = await ServerProcess.StartConstantAsync();
        async Task<double> PerSecond(ServerProcess asked, string paths, string authorization) =>
            (await Wrk.RunAsync(asked.Url, "get.lua", Connections, setup.Seconds, paths, authorization)).PerSecond;
        var rounds = await Rounds.RunAsync(
            () => PerSecond(floor, constant, ServerProcess.GigsAuthorization),
            () => PerSecond(server, gigs, ServerProcess.GigsAuthorization),
            () => PerSecond(server, kore, ServerProcess.KoreAuthorization));
        Figure Of(string dialect, int subject) => Figure.AtLeast($"GET one SIM, {dialect}, ÷ constant JSON", 0.50,
            rounds.Ratio(subject, 0), $"{rounds.Of(subject):N0}/s", $"{rounds.Of(0):N0}/s");
        return [Of("Gigs dialect, bearer key", 1), Of("KORE dialect, Basic", 2)];
    }
}
