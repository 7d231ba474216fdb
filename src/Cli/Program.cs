using System.CommandLine;
using System.CommandLine.Invocation;
using Simkeeper.Cli;

// Longer than the server takes to finish the requests under way; every other command ends at once.
var terminationTimeout = TimeSpan.FromSeconds(35);
if (args is ["help", ..])
    args = [.. args[1..], "--help"];
var root = Root.Of(args);
Help.AddTo(root);
var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (parsed.Action is ParseErrorAction && Help.UnknownCommand(parsed) is { } unknown)
{
    Output.Message(unknown);
    return ExitCode.WrongUse;
}
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
