using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Cli.Commands.Sims;

/// <summary>
/// Asks for a change that a carrier has to make (activate, suspend, deactivate, reset), and shows the operation it opens.
/// </summary>
[Speaks("POST", "/sims/{id}/{verb}")]
internal sealed class Change : Command
{
    private const string WaitDefault = "30s";
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);
    private readonly Argument<string> _id = SharedOptions.SimId();

    private readonly Option<string> _ratePlan =
        new("--rate-plan") { Description = "Sid (WP…) or unique name of the rate plan it is to have.", HelpName = "P" };

    private readonly Option<string> _wait = new Option<string>("--wait")
    {
        Description = $"Wait until the operation has ended, at most this long; default {WaitDefault}.",
        HelpName = "D",
        Arity = ArgumentArity.ZeroOrOne,
    }.Check(text => Durations.TryParse(text, out _), "must be a duration such as 30s; write --wait=30s, or --wait behind the SIM.");

    public Change(string verb, string description) : base(verb, description)
    {
        Add(_id);
        Add(_ratePlan);
        Add(_wait);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        var body = new Dictionary<string, string?> { ["ratePlan"] = parsed.GetValue(_ratePlan) };
        using var operation = await api.PostAsync($"{SharedOptions.SimPath(parsed, _id)}/{Name}", body, ["id", "state"], cancellation);
        if (parsed.GetResult(_wait) is null)
        {
            output.Document(operation.RootElement);
            return ExitCode.Done;
        }
        _ = Durations.TryParse(parsed.GetValue(_wait) ?? WaitDefault, out var longest);
        using var ended = await WaitAsync(api, operation.RootElement.GetProperty("id").GetString()!, longest, cancellation);
        output.Document(ended.RootElement);
        var state = ended.RootElement.GetProperty("state").GetString();
        if (state == "open")
            Output.Message("The operation has not ended yet; `simkeeper operations get` shows it.");
        return state == "done" ? ExitCode.Done : ExitCode.EndedOtherwise;
    }

    /// <summary>The operation when it has ended, or as it is when the time is over.</summary>
    private static async Task<JsonDocument> WaitAsync(ApiClient api, string id, TimeSpan longest, CancellationToken cancellation)
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            var operation = await api.GetAsync($"operations/{id}", ["id", "state"], cancellation);
            if (operation.RootElement.GetProperty("state").GetString() != "open" || waiting.Elapsed > longest)
                return operation;
            operation.Dispose();
            await Task.Delay(LookEvery, TimeProvider.System, cancellation);
        }
    }
}
