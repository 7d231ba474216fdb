using System.CommandLine;
using Simkeeper.Core;

namespace Simkeeper.Cli.Commands.Sims;

internal sealed class Get : Command
{
    private readonly Argument<string> _id = new("ID") { Description = "Sid (DE…) or Gigs id (sim_…) of the SIM." };

    public Get() : base("get", "Show everything about a SIM but its secrets.")
    {
        _id.Validators.Add(result =>
        {
            if (result.Tokens is [var id] && !Ids.TryParseSid("DE", id.Value, out _) && !Ids.TryParseGigs("sim", id.Value, out _))
                result.AddError("ID must be DE and 32 hex digits, or sim_ and 22 letters and digits; `sims list --iccid` finds it.");
        });
        Add(_id);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        using var sim = await api.GetAsync($"sims/{parsed.GetRequiredValue(_id)}", ["sid"], cancellation);
        output.Document(sim.RootElement);
        return ExitCode.Done;
    }
}
