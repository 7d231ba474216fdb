using System.Runtime.InteropServices;
using Simkeeper.Bench;

const string Use = "Use: Bench JITTED NATIVE [get|patch|import|pages|timers|deliveries|usage|builds|start|fairness|soak …] [--native] "
    + "[--postgres [--sims N]] [--earlier PROGRAM] [--seconds N] [--for 1h] [--rounds N] [--write [--date DATE]]";
switch (args)
{
    case [ConstantServer.Argument, var url]:
        await ConstantServer.RunAsync(url);
        return 0;
    case [IdleConnections.Argument, var url]:
        await IdleConnections.RunAsync(new Uri(url));
        return 0;
    case [SoakLoad.Argument, var plan]:
        await SoakLoad.RunAsync(plan);
        return 0;
}
var postgres = args.Contains("--postgres");
var native = args.Contains("--native");
var sims = 10_000_000;
var rounds = 5;
var soak = TimeSpan.FromHours(1);
(string Name, Func<Setup, Task<List<Figure>>> Run)[] groups = postgres ?
[
    ("get", PostgresFigures.GetAsync),
    ("patch", PostgresFigures.PatchAsync),
    ("import", PostgresFigures.ImportAsync),
    ("servers", PostgresFigures.ServersAsync),
    ("pages", setup => PostgresFigures.PagesAsync(setup, sims)),
]
:
[
    ("get", GetFigures.RunAsync),
    ("patch", PatchFigures.RunAsync),
    ("import", ImportFigures.RunAsync),
    ("pages", PageFigures.RunAsync),
    ("timers", TimerFigures.RunAsync),
    ("deliveries", DeliveryFigures.RunAsync),
    ("usage", UsageFigures.RunAsync),
    ("builds", BuildFigures.RunAsync),
    ("start", StartFigures.RunAsync),
    ("earlier", EarlierFigures.RunAsync),
    ("fairness", FairnessFigures.RunAsync),
    ("soak", setup => SoakFigures.RunAsync(setup, soak)),
];
var names = new List<string>();
var seconds = 5;
var write = false;
string? date = null;
string? earlier = null;
for (var i = 2; i < args.Length; i++)
{
    if (args[i] == "--write")
        write = true;
    else if (args[i] == "--date" && i + 1 < args.Length)
        date = args[++i];
    else if (args[i] == "--earlier" && i + 1 < args.Length)
        earlier = args[++i];
    else if (args[i] == "--seconds" && i + 1 < args.Length && int.TryParse(args[i + 1], out seconds) && seconds > 0)
        i++;
    else if (args[i] == "--for" && i + 1 < args.Length && SoakFigures.TryReadTime(args[i + 1], out soak))
        i++;
    else if (args[i] == "--rounds" && i + 1 < args.Length && int.TryParse(args[i + 1], out rounds)
        && int.IsOddInteger(rounds) && rounds > 0)
        i++;
    else if (args[i] == "--sims" && i + 1 < args.Length && int.TryParse(args[i + 1], out sims) && sims >= 10_000)
        i++;
    else if (args[i] is "--postgres" or "--native")
        continue;
    else if (groups.Any(group => group.Name == args[i]))
        names.Add(args[i]);
    else
        return Refuse($"Not understood: {args[i]}.");
}
if (args.Length < 2)
    return Refuse("The programs to measure are missing.");
if (earlier is null && names.Contains("earlier"))
    return Refuse("--earlier names the program to compare with.");
if (write && names.Count > 0)
    return Refuse("--write writes all figures: name none.");

Rounds.Count = rounds;
var scratch = Directory.CreateTempSubdirectory("simkeeper-bench-").FullName;
// Ten million rows are not left behind either when somebody has seen enough.
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, CleanUp);
using var ended = PosixSignalRegistration.Create(PosixSignal.SIGTERM, CleanUp);
try
{
    var figures = new List<Figure>();
    if (names.Count == 0)
        names.AddRange(groups.Select(group => group.Name).Where(name => name != "soak" && (name != "earlier" || earlier is not null)));
    foreach (var (name, run) in groups.Where(group => names.Contains(group.Name)))
    {
        Console.Error.WriteLine($"{name} …");
        figures.AddRange(await run(new Setup(args[0], args[1], args[native ? 1 : 0], earlier, scratch, seconds)));
    }
    var report = $"{Machine.Facts(date)}\n{Figure.Table(figures)}";
    Console.Write(report);
    if (write && postgres)
        await PostgresFigures.WriteAsync("docs/benchmarks.md", report);
    else if (write)
        await File.WriteAllTextAsync("docs/benchmarks.md", Machine.Introduction + report);
    return figures.All(figure => figure.Reached) ? 0 : 1;
}
finally
{
    Directory.Delete(scratch, recursive: true);
}

void CleanUp(PosixSignalContext signal)
{
    ServerProcess.EndAll();
    Directory.Delete(scratch, recursive: true);
}

static int Refuse(string reason)
{
    Console.Error.WriteLine($"{reason}\n{Use}");
    return 2;
}
