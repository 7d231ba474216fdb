using System.CommandLine;

namespace Simkeeper.Cli.Commands.Clock;

[Speaks("POST", "/clock/freeze")]
internal sealed class Freeze : Command
{
    public Freeze() : base("freeze", "Stop the clock: nothing falls due any more.") => SetAction(RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        using var clock = await api.PostAsync("clock/freeze", [], ["now"], cancellation);
        output.Document(clock.RootElement);
        return ExitCode.Done;
    }
}
