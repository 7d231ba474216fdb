using System.CommandLine;

namespace Simkeeper.Cli.Commands.Sims;

[Speaks("GET", "/sims/{id}")]
internal sealed class Get : Command
{
    private readonly Argument<string> _id = SharedOptions.SimId();

    public Get() : base("get", "Show everything about a SIM but its secrets.")
    {
        Add(_id);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        using var sim = await api.GetAsync(SharedOptions.SimPath(parsed, _id), ["sid"], cancellation);
        output.Document(sim.RootElement);
        return ExitCode.Done;
    }
}
