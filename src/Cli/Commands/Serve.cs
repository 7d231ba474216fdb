using System.CommandLine;
using Simkeeper.Server;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Cli.Commands;

/// <summary>Hosts the server. An option on the command line overrides the same setting in file and environment.</summary>
internal sealed class Serve : Command
{
    private readonly Option<bool> _sandbox = new("--sandbox")
    {
        Description = "A twin for development: known credentials, demo SIMs, a clock that moves; loopback only.",
    };

    private readonly Dictionary<string, Option<string>> _settings = new()
    {
        ["Http:Urls"] = new("--urls")
        {
            Description = "The address to listen on, e.g. http://127.0.0.1:8080; several with ;",
            HelpName = "URL",
        },
        ["Storage:Data"] = new("--data") { Description = "The data folder.", HelpName = "DIR" },
        ["Storage:Database"] = new("--database")
        {
            Description = "A PostgreSQL connection string. Without it SQLite in the data folder.",
            HelpName = "CONNECTION",
        },
        ["Http:PublicUrl"] = new("--public-url") { Description = "The URL by which others reach this server.", HelpName = "URL" },
        ["Jobs:Role"] = new Option<string>("--role")
        {
            Description = "Answer requests (api), do the work that is due (worker), or both (all).",
            HelpName = "api|worker|all",
        }.Check(text => text is "api" or "worker" or "all", "must be api, worker or all."),
    };

    public Serve() : base("serve", "Run the server.")
    {
        Add(_sandbox);
        foreach (var option in _settings.Values)
            Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var options = new Dictionary<string, string?>();
        if (parsed.GetValue(_sandbox))
            options["Sandbox:Enabled"] = "true";
        foreach (var (setting, option) in _settings)
        {
            if (parsed.GetValue(option) is { } value)
                options[setting] = value;
        }
        try
        {
            return await App.RunAsync(options, listening: url =>
            {
                if (parsed.GetValue(_sandbox))
                    Console.WriteLine(SandboxBanner.Of(url));
            }, cancellation);
        }
        catch (StartException refused)
        {
            throw new CommandException(refused.Message, refused.WrongUse ? ExitCode.WrongUse : ExitCode.Failed, refused);
        }
    }
}
