using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Cli;

/// <summary>Help as people need it: examples behind the options, and one line for a command that is not there.</summary>
internal static class Help
{
    private const string More = """
        Exit codes: 0 all of it worked; 1 it failed; 2 wrong use; 3 rows were refused; 4 an operation did not end as done.
        Environment: SIMKEEPER_URL, SIMKEEPER_KEY; NO_COLOR for tables without colour.
        docs/cli.md explains every command.
        """;

    /// <summary>Examples by command; each stands in help, and a test runs it.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Examples = new Dictionary<string, string[]>
    {
        ["serve"] = ["serve --sandbox", "serve --data /var/lib/simkeeper --public-url https://sims.example.com"],
        ["status"] = ["status", "status -o env"],
        ["import"] = ["import samples/cards.csv --account AC00000000000000000000000000000001"],
        ["sims list"] = ["sims list --status active --all", "sims list --columns sid,iccid,status"],
        ["sims get"] = ["sims get 8942424242000000019"],
        ["sims activate"] = ["sims activate 8942424242000000019 --rate-plan sandbox-plan --wait"],
        ["sims suspend"] = ["sims suspend 8942424242000000019 --wait=10s"],
        ["sims command-from"] = ["sims command-from 8942424242000000019 21.5"],
        ["operations list"] = ["operations list --state open"],
        ["accounts create"] = ["accounts create --name Acme --project acme"],
        ["keys create"] = ["keys create --account AC00000000000000000000000000000001 --kind gigs --role read"],
        ["rate-plans list"] = ["rate-plans list --account AC00000000000000000000000000000001"],
        ["deliveries list"] = ["deliveries list --state dead --since 24h"],
        ["deliveries redeliver-range"] = ["deliveries redeliver-range --since yesterday"],
        ["webhook-endpoints create"] =
            ["webhook-endpoints create --account AC00000000000000000000000000000001 --url https://example.com/hook --events *"],
        ["usage report"] = ["usage report reports.json"],
        ["carriers update"] = ["carriers update test --calls-per-second 10"],
        ["faults create"] = ["faults create --kind down --for 10m"],
        ["clock advance"] = ["clock advance 72h"],
        ["events"] = ["events --sim 8942424242000000019 --since 24h", "events --type sim.updated --follow"],
        ["listen"] = ["listen --forward-to http://localhost:3000/hook"],
        ["proxy"] = ["proxy", "proxy --listen 127.0.0.1:9999 --ca ./proxy-ca"],
        ["config check"] = ["config check"],
        ["completion"] = ["completion bash"],
    };

    /// <summary>Adds the examples, the exit codes and the environment to the help of every command.</summary>
    public static void AddTo(RootCommand root)
    {
        if (root.Options.OfType<HelpOption>().FirstOrDefault() is { Action: HelpAction usual } option)
            option.Action = new WithExamples(usual);
    }

    /// <summary>Names the nearest command to one that does not exist; null: it exists.</summary>
    public static string? UnknownCommand(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count == 0 || parsed.UnmatchedTokens is not [var unknown, ..] || unknown.StartsWith('-'))
            return null;
        var known = command is RootCommand ? Root.Names : command.Subcommands.Select(sub => sub.Name);
        var nearest = known.MinBy(name => Spelling.Distance(name, unknown));
        var path = PathOf(command);
        return $"There is no command {path}{unknown}. Did you mean {path}{nearest}? `simkeeper {path}--help` lists all.";
    }

    private static string PathOf(Command command) => command is RootCommand
        ? ""
        : command.Parents.OfType<Command>().Select(PathOf).First() + command.Name + " ";

    private sealed class WithExamples(HelpAction usual) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parsed)
        {
            var code = usual.Invoke(parsed);
            var output = parsed.InvocationConfiguration.Output;
            if (Examples.TryGetValue(PathOf(parsed.CommandResult.Command).TrimEnd(), out var examples))
            {
                output.WriteLine("Examples:");
                foreach (var example in examples)
                    output.WriteLine($"  simkeeper {example}");
                output.WriteLine();
            }
            output.WriteLine(More);
            return code;
        }
    }
}
