using System.CommandLine;

namespace Simkeeper.Cli.Commands;

/// <summary>Shows the server that commands would speak to, or the environment in which programs reach it.</summary>
[Speaks("GET", "/installation")]
internal sealed class Status : Command
{
    private readonly Option<string> _format = new Option<string>("--output", "-o")
    {
        Description = "table, or env: lines for `eval \"$(simkeeper status -o env)\"`.",
        HelpName = "table|env",
    }.Check(text => text is "table" or "env", "must be table or env.");

    public Status() : base("status", "Show the server: its version, its store, its clock.")
    {
        Add(_format);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        using var installation = await api.GetAsync("installation", ["version", "sandbox"], cancellation);
        if (parsed.GetValue(_format) != "env")
        {
            output.Document(installation.RootElement);
            return ExitCode.Done;
        }
        Console.WriteLine($"export SIMKEEPER_URL={api.Url}");
        if (installation.RootElement.GetProperty("sandbox").GetBoolean())
            Console.WriteLine(SandboxBanner.Environment);
        return ExitCode.Done;
    }
}
