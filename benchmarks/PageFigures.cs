using Simkeeper.Core;

namespace Simkeeper.Bench;

/// <summary>One SIM, and pages of 50 at any depth: a hundred times the SIMs must not take longer.</summary>
internal static class PageFigures
{
    private const int Small = 10_000;
    private const int Large = 1_000_000;
    private const double MostOfSmall = 1.3;

    /// <summary>Few, so that half of the requests wait for nothing but their own work.</summary>
    private const int Connections = 2;

    /// <summary>Paths of one kind to choose from: enough that a store does not answer from the same few pages of its file.</summary>
    private const int Paths = 20_000;

    /// <summary>The reads: what they are, whose, and the path from a place in the list, oldest first.</summary>
    private static readonly (string Name, string Authorization, Func<IReadOnlyList<Guid>, Random, string> Path)[] Reads =
    [
        ("GET one SIM, Gigs", ServerProcess.GigsAuthorization, (sims, random) => $"/projects/sandbox/sims/{Gigs(Any(sims, random))}"),
        ("GET one SIM, KORE", ServerProcess.KoreAuthorization, (sims, random) => $"/v1/Sims/{Ids.ToSid("DE", Any(sims, random))}"),
        ("first page, Gigs", ServerProcess.GigsAuthorization, (_, _) => List("")),
        ("middle pages, Gigs", ServerProcess.GigsAuthorization, (sims, random) => List($"&after={Gigs(Middle(sims, random))}")),
        ("last pages, Gigs", ServerProcess.GigsAuthorization, (sims, random) => List($"&after={Gigs(Last(sims, random))}")),
        ("middle pages of one status, Gigs", ServerProcess.GigsAuthorization,
            (sims, random) => List($"&status=inactive&after={Gigs(Middle(sims, random))}")),
        ("middle pages of one provider, Gigs", ServerProcess.GigsAuthorization,
            (sims, random) => List($"&provider=p14&after={Gigs(Middle(sims, random))}")),
        ("middle pages of a status and a provider, Gigs", ServerProcess.GigsAuthorization,
            (sims, random) => List($"&status=retired&provider=p14&after={Gigs(Middle(sims, random))}")),
        ("first page, KORE", ServerProcess.KoreAuthorization, (_, _) => "/v1/Sims?PageSize=50"),
        ("middle pages, KORE", ServerProcess.KoreAuthorization, (sims, random) => Kore("", Middle(sims, random))),
        ("last pages, KORE", ServerProcess.KoreAuthorization, (sims, random) => Kore("", Last(sims, random))),
        ("middle pages of one status, KORE", ServerProcess.KoreAuthorization,
            (sims, random) => Kore("Status=suspended&", Middle(sims, random))),
    ];

    public static async Task<List<Figure>> RunAsync(Setup setup)
    {
        var (smallFolder, small) = await Stores.FillAsync(setup, "small", Small, Inventory.InUse);
        var (largeFolder, large) = await Stores.FillAsync(setup, "large", Large, Inventory.InUse);
        await using var smallServer = await ServerProcess.StartAsync(setup.Program, smallFolder);
        await using var largeServer = await ServerProcess.StartAsync(setup.Program, largeFolder);
        return await MeasureAsync(setup, (smallServer, [.. small.Select(sim => sim.Id)]),
            (largeServer, [.. large.Select(sim => sim.Id)]), MostOfSmall);
    }

    /// <summary>The reads, on two servers by turns.</summary>
    public static async Task<List<Figure>> MeasureAsync(
        Setup setup, (ServerProcess Server, IReadOnlyList<Guid> Sims) small, (ServerProcess Server, IReadOnlyList<Guid> Sims) large,
        double most)
    {
        var figures = new List<Figure>();
        foreach (var (name, authorization, path) in Reads)
        {
            Console.Error.WriteLine($"  {name} …");
            async Task<double> Median(ServerProcess server, string paths) =>
                (await Wrk.RunAsync(server.Url, "get.lua", Connections, setup.Seconds, paths, authorization)).Median;
            string PathsOf(IReadOnlyList<Guid> sims, string file)
            {
                var random = new Random(1);
                return setup.Lines(file, Enumerable.Range(0, Paths).Select(_ => path(sims, random)));
            }
            var (ofSmall, ofLarge) = (PathsOf(small.Sims, "small"), PathsOf(large.Sims, "large"));
            var rounds = await Rounds.RunAsync(() => Median(large.Server, ofLarge), () => Median(small.Server, ofSmall));
            figures.Add(Figure.AtMost($"{name}: p50 at {large.Sims.Count:N0} SIMs ÷ at {small.Sims.Count:N0}", most, "",
                rounds.Ratio(0, 1), $"{rounds.Of(0):N0} µs", $"{rounds.Of(1):N0} µs"));
        }
        return figures;
    }

    private static Guid Any(IReadOnlyList<Guid> sims, Random random) => sims[random.Next(sims.Count)];

    /// <summary>Somewhere in the middle third.</summary>
    private static Guid Middle(IReadOnlyList<Guid> sims, Random random) => sims[(sims.Count / 3) + random.Next(sims.Count / 3)];

    /// <summary>One of the oldest, with at least a page after it.</summary>
    private static Guid Last(IReadOnlyList<Guid> sims, Random random) => sims[50 + random.Next(50)];

    private static string Gigs(Guid id) => Ids.ToBase62("sim", id);

    private static string List(string query) => $"/projects/sandbox/sims?limit=50{query}";

    private static string Kore(string filter, Guid after) => $"/v1/Sims?{filter}PageSize=50&Page=1&PageToken={Ids.ToSid("PA", after)}";
}
