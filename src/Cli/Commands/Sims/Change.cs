using System.CommandLine;

namespace Simkeeper.Cli.Commands.Sims;

/// <summary>
/// Asks for a change that a carrier has to make (activate, suspend, deactivate, reset), and shows the operation it opens.
/// </summary>
internal sealed class Change : Command
{
    private readonly Argument<string> _id = SharedOptions.SimId();

    private readonly Option<string> _ratePlan =
        new("--rate-plan") { Description = "Sid (WP…) or unique name of the rate plan it is to have.", HelpName = "P" };

    public Change(string verb, string description) : base(verb, description)
    {
        Add(_id);
        Add(_ratePlan);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        var body = new Dictionary<string, string?> { ["ratePlan"] = parsed.GetValue(_ratePlan) };
        using var operation = await api.PostAsync($"sims/{parsed.GetRequiredValue(_id)}/{Name}", body, ["id", "state"], cancellation);
        output.Document(operation.RootElement);
        return ExitCode.Done;
    }
}
