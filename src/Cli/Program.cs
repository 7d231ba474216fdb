using System.CommandLine;
using System.CommandLine.Invocation;
using Simkeeper.Cli;
using Simkeeper.Cli.Commands;
using Clock = Simkeeper.Cli.Commands.Clock;
using Sims = Simkeeper.Cli.Commands.Sims;

// Longer than the server takes to finish the requests under way; every other command ends at once.
var terminationTimeout = TimeSpan.FromSeconds(35);
var commands = new (string Name, Func<Command> Make)[]
{
    ("serve", () => new Serve()),
    ("import", () => new Import()),
    ("sims", () => new Command("sims", "Look at SIMs and change them.")
    {
        new Sims.List(),
        new Sims.Get(),
        new Sims.Change("activate", "Ask the carrier to let a SIM connect."),
        new Sims.Change("suspend", "Ask the carrier to block a SIM until it is activated again."),
        new Sims.Change("deactivate", "Ask the carrier to block a SIM; 72 hours later it is canceled for ever."),
        new Sims.Change("reset", "Ask the carrier to detach a SIM, so that it connects anew."),
        new Sims.CommandFrom(),
    }),
    ("clock", () => new Command("clock", "Look at the clock that SIMs live by, and in a sandbox move it.")
    {
        new Clock.Now(),
        new Clock.Advance(),
        new Clock.Freeze(),
        new Clock.Resume(),
    }),
    ("events", () => new Events()),
    ("listen", () => new Listen()),
    ("migrate-store", () => new MigrateStore()),
};

// Only the requested command is created: `serve` has to start quickly, and takes no address or key of a server.
var asked = args.FirstOrDefault(arg => commands.Any(command => command.Name == arg));
var root = new RootCommand("Keeps an inventory of SIMs behind two published APIs.");
if (asked != "serve")
    SharedOptions.AddGlobalTo(root);
foreach (var (name, make) in commands)
{
    if (asked is null || asked == name)
        root.Add(make());
}

var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (parsed.Action is ParseErrorAction wrongUse)
{
    wrongUse.ShowHelp = parsed.CommandResult.Command.Subcommands.Count > 0;
    await parsed.InvokeAsync(new InvocationConfiguration { Output = Console.Error });
    return ExitCode.WrongUse;
}
try
{
    return await parsed.InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = terminationTimeout,
    });
}
catch (CommandException failed)
{
    Output.Message(failed.Message);
    return failed.ExitCode;
}
catch (OperationCanceledException)
{
    Output.Message("Canceled.");
    return ExitCode.Failed;
}
catch (Exception unexpected)
{
    Output.Message($"Unexpected failure, {unexpected.GetType().Name}: {unexpected.Message}");
    return ExitCode.Failed;
}
