using System.CommandLine;

namespace Simkeeper.Cli.Commands.Clock;

[Speaks("GET", "/clock")]
internal sealed class Now : Command
{
    public Now() : base("now", "Show the time of the SIMs.") => SetAction(RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        using var clock = await api.GetAsync("clock", ["now"], cancellation);
        output.Document(clock.RootElement);
        return ExitCode.Done;
    }
}
