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

    /// <summary>The longest that half of the first pages of any filters may take, in milliseconds.</summary>
    private const double MostOfFilters = 100;

    /// <summary>
    /// First pages by filters that many, few and no SIMs match: eSIMs only, of four carriers. The first of them once took 22 seconds.
    /// </summary>
    private static readonly (string Name, string Authorization, string Path)[] Filters =
    [
        ("Gigs, status=active&type=eSIM", ServerProcess.GigsAuthorization, List("&status=active&type=eSIM")),
        ("Gigs, status=active&type=pSIM", ServerProcess.GigsAuthorization, List("&status=active&type=pSIM")),
        ("Gigs, status=active", ServerProcess.GigsAuthorization, List("&status=active")),
        ("Gigs, status=inactive,active", ServerProcess.GigsAuthorization, List("&status=inactive,active")),
        ("Gigs, provider=p3&status=active", ServerProcess.GigsAuthorization, List("&provider=p3&status=active")),
        ("Gigs, provider=zzz&type=eSIM", ServerProcess.GigsAuthorization, List("&provider=zzz&type=eSIM")),
        ("Gigs, status=retired&provider=p3", ServerProcess.GigsAuthorization, List("&status=retired&provider=p3")),
        ("Gigs, status=retired&provider=p3&type=pSIM", ServerProcess.GigsAuthorization, List("&status=retired&provider=p3&type=pSIM")),
        ("Gigs, type=eSIM and 50 providers", ServerProcess.GigsAuthorization, List("&type=eSIM&provider=" + Fifty)),
        ("Gigs, 50 providers, 200 a page", ServerProcess.GigsAuthorization, List("&provider=" + Fifty, 200)),
        ("Gigs, user=nobody&status=active", ServerProcess.GigsAuthorization, List("&user=nobody&status=active")),
        ("KORE, Status=updating", ServerProcess.KoreAuthorization, "/v1/Sims?Status=updating"),
        ("KORE, Status=active, 1000 a page", ServerProcess.KoreAuthorization, "/v1/Sims?Status=active&PageSize=1000"),
        ("KORE, Status=ready&RatePlan=sandbox-plan", ServerProcess.KoreAuthorization, "/v1/Sims?Status=ready&RatePlan=sandbox-plan"),
        ("operator, provider=none", ServerProcess.OperatorAuthorization, "/operator/v1/sims?provider=none"),
        ("operator, status=ready&provider=p3", ServerProcess.OperatorAuthorization, "/operator/v1/sims?status=ready&provider=p3"),
        ("operator, status=canceled, 500 a page", ServerProcess.OperatorAuthorization, "/operator/v1/sims?status=canceled&limit=500"),
    ];

    private static string Fifty => string.Join(',', Enumerable.Range(0, 46).Select(i => $"q{i}").Concat(["p3", "p14", "p15", "lab-hlr"]));

    public static async Task<List<Figure>> RunAsync(Setup setup)
    {
        var (smallFolder, small) = await Stores.FillAsync(setup, "small", Small, Inventory.InUse);
        var (largeFolder, large) = await Stores.FillAsync(setup, "large", Large, Inventory.InUse);
        await using var smallServer = await ServerProcess.StartAsync(setup.Program, smallFolder);
        await using var largeServer = await ServerProcess.StartAsync(setup.Program, largeFolder);
        return
        [
            .. await MeasureAsync(setup, (smallServer, [.. small.Select(sim => sim.Id)]),
                (largeServer, [.. large.Select(sim => sim.Id)]), MostOfSmall),
            .. await MeasureFiltersAsync(setup, smallServer, largeServer, Large),
        ];
    }

    /// <summary>The first pages, on two servers by turns.</summary>
    public static async Task<List<Figure>> MeasureFiltersAsync(Setup setup, ServerProcess small, ServerProcess large, int sims)
    {
        var figures = new List<Figure>();
        foreach (var (name, authorization, path) in Filters)
        {
            Console.Error.WriteLine($"  {name} …");
            var paths = setup.Lines("filters", [path]);
            async Task<double> Median(ServerProcess server) =>
                (await Wrk.RunAsync(server.Url, "get.lua", Connections, setup.Seconds, paths, authorization)).Median / 1e3;
            var rounds = await Rounds.RunAsync(() => Median(large), () => Median(small));
            figures.Add(Figure.AtMost($"first page, {name}: p50 at {sims:N0} SIMs", MostOfFilters, " ms",
                rounds.Of(0), "", $"{rounds.Of(1):0.00} ms at {Small:N0}"));
        }
        return figures;
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

    private static string List(string query, int limit = 50) => $"/projects/sandbox/sims?limit={limit}{query}";

    private static string Kore(string filter, Guid after) => $"/v1/Sims?{filter}PageSize=50&Page=1&PageToken={Ids.ToSid("PA", after)}";
}
