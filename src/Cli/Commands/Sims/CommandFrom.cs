using System.CommandLine;

namespace Simkeeper.Cli.Commands.Sims;

/// <summary>Sends a Command as a device would; on a real server Commands come over a network.</summary>
[Speaks("POST", "/commands/inbound")]
internal sealed class CommandFrom : Command
{
    private readonly Argument<string> _id = SharedOptions.SimId();
    private readonly Argument<string> _text = new("TEXT") { Description = "The text of the Command; with --binary its bytes as Base64." };
    private readonly Option<bool> _binary = new("--binary") { Description = "TEXT is Base64 of bytes." };

    public CommandFrom() : base("command-from", "Let a SIM's device send a Command.")
    {
        Add(_id);
        Add(_text);
        Add(_binary);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        var body = new Dictionary<string, string?>
        {
            ["sim"] = parsed.GetRequiredValue(_id),
            ["command"] = parsed.GetRequiredValue(_text),
            ["mode"] = parsed.GetValue(_binary) ? "binary" : "text",
        };
        using var command = await api.PostAsync("commands/inbound", body, ["sid", "sim"], cancellation);
        output.Document(command.RootElement);
        return ExitCode.Done;
    }
}
