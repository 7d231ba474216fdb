using System.CommandLine;

namespace Simkeeper.Cli.Commands;

/// <summary>Lists what happened, oldest first, and with <c>--follow</c> goes on as more happens.</summary>
internal sealed class Events : Command
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly string[] Columns = ["at", "type", "sim", "actor.kind", "data.updated"];
    private readonly Option<string> _sim = SharedOptions.Sim("Only events of this SIM.");
    private readonly Option<string> _account = SharedOptions.Account("Only events of this account's SIMs.");
    private readonly Option<string> _type = new("--type") { Description = "Only events of this type, e.g. sim.updated.", HelpName = "T" };
    private readonly Option<string> _since = SharedOptions.Time("--since", "Only events of this time and later.");
    private readonly Paging _paging = new();

    private readonly Option<bool> _follow =
        new("--follow") { Description = "Everything that matches, then what happens from now on, until Ctrl-C." };

    public Events() : base("events", "List what happened to SIMs, oldest first.")
    {
        Validators.Add(result =>
        {
            if (result.GetResult(_sim) is not null && result.GetResult(_account) is not null)
                result.AddError("Give --sim or --account, not both.");
            if (result.GetResult(_follow) is not null && result.GetResult(_paging.Limit) is not null)
                result.AddError("Give --limit or --follow, not both.");
        });
        Add(_sim);
        Add(_account);
        Add(_type);
        Add(_since);
        _paging.AddTo(this);
        Add(_follow);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        var filter = Paging.Filter(parsed, _sim, _account, _type, _since);
        if (parsed.GetValue(_follow))
            await FollowAsync(api, output, filter, cancellation);
        else
            await _paging.PrintAsync(api, output, parsed, "events", filter, Columns, cancellation);
        return ExitCode.Done;
    }

    /// <summary>The last page has no cursor to go on from: it is read again, and what was printed of it is left out.</summary>
    private static async Task FollowAsync(ApiClient api, Output output, string filter, CancellationToken cancellation)
    {
        var after = "";
        var printed = new HashSet<string?>();
        while (true)
        {
            using var page = await api.GetAsync($"events?limit={Paging.PageMax}{filter}{after}", ["items", "next"], cancellation);
            output.Page(
                [.. page.RootElement.GetProperty("items").EnumerateArray().Where(item => printed.Add(item.GetProperty("id").GetString()))],
                Columns);
            if (page.RootElement.GetProperty("next").GetString() is { } next)
            {
                after = $"&after={Uri.EscapeDataString(next)}";
                printed.Clear();
            }
            else
            {
                await Task.Delay(LookEvery, TimeProvider.System, cancellation);
            }
        }
    }
}
