using System.CommandLine;

namespace Simkeeper.Cli.Commands.Clock;

[Speaks("POST", "/clock/resume")]
internal sealed class Resume : Command
{
    public Resume() : base("resume", "Let a frozen clock run on from where it stands.") => SetAction(RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        using var clock = await api.PostAsync("clock/resume", [], ["now"], cancellation);
        output.Document(clock.RootElement);
        return ExitCode.Done;
    }
}
