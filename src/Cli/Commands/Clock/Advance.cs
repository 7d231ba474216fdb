using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Cli.Commands.Clock;

/// <summary>Moves the clock and returns when everything that became due is done, however long that takes.</summary>
[Speaks("POST", "/clock/advance")]
internal sealed class Advance : Command
{
    private const string DeadlineDefault = "15m";
    private const string DurationRule = "must be a duration such as 500ms, 30s, 15m, 72h or 90d.";
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private readonly Option<string> _to = SharedOptions.Time("--to", "The time to move to, instead of a duration.");

    private readonly Argument<string?> _by = new("BY")
    {
        Description = "The time to move by: a duration such as 30s, 15m, 72h or 90d.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _deadline =
        new Option<string>("--deadline") { Description = $"The longest wait for a move to end; default {DeadlineDefault}.", HelpName = "D" }
            .Check(text => Durations.TryParse(text, out _), DurationRule);

    public Advance() : base("advance", "Move the clock forward; all that falls due on the way is done, in order.")
    {
        _by.Validators.Add(result =>
        {
            if (result.Tokens is [var by] && !Durations.TryParse(by.Value, out _))
                result.AddError($"BY {DurationRule}");
        });
        Validators.Add(result =>
        {
            if (result.GetResult(_by) is { Tokens.Count: > 0 } == result.GetResult(_to) is not null)
                result.AddError("Give a duration such as 72h, or --to and a time.");
        });
        Add(_by);
        Add(_to);
        Add(_deadline);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        var to = await Times.ReadAsync(api, parsed.GetValue(_to), cancellation);
        var body = new Dictionary<string, string?> { ["by"] = parsed.GetValue(_by), ["to"] = to };
        using var answer = await api.PostAsync("clock/advance", body, ["now"], cancellation);
        if (!answer.RootElement.TryGetProperty("target", out var target))
        {
            output.Document(answer.RootElement);
            return ExitCode.Done;
        }
        Output.Message($"The server goes on moving the clock to {target}; waiting for it.");
        _ = Durations.TryParse(parsed.GetValue(_deadline) ?? DeadlineDefault, out var deadline);
        using var clock = await WaitAsync(api, target.GetDateTimeOffset(), deadline, cancellation);
        output.Document(clock.RootElement);
        return ExitCode.Done;
    }

    private static async Task<JsonDocument> WaitAsync(
        ApiClient api, DateTimeOffset target, TimeSpan deadline, CancellationToken cancellation)
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            var clock = await api.GetAsync("clock", ["now", "offset", "frozen"], cancellation);
            var now = clock.RootElement.GetProperty("now");
            if (now.GetDateTimeOffset() >= target)
                return clock;
            using (clock)
            {
                if (waiting.Elapsed > deadline)
                    throw new CommandException($"The clock has come to {now} only; see `simkeeper clock now`.");
            }
            await Task.Delay(LookEvery, TimeProvider.System, cancellation);
        }
    }
}
