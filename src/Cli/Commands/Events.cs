using System.CommandLine;

namespace Simkeeper.Cli.Commands;

/// <summary>Lists what happened, oldest first, and with <c>--follow</c> goes on as more happens.</summary>
[Speaks("GET", "/events")]
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
        var since = await Times.ReadAsync(api, parsed.GetValue(_since), cancellation);
        var filter = Paging.Filter(parsed, _sim, _account, _type) + (since is null ? "" : $"&since={Uri.EscapeDataString(since)}");
        if (parsed.GetValue(_follow))
            await FollowAsync(api, output, filter, _paging.ColumnsOf(parsed, Columns), cancellation);
        else
            await _paging.PrintAsync(api, output, parsed, "events", filter, Columns, cancellation);
        return ExitCode.Done;
    }

    /// <summary>
    /// The last page has no cursor to go on from: it is read again, and what was printed of it is left out. While no server answers, it is
    /// asked again and again.
    /// </summary>
    private static async Task FollowAsync(ApiClient api, Output output, string filter, string[] columns, CancellationToken cancellation)
    {
        var after = "";
        var printed = new HashSet<string?>();
        var away = new Away();
        var begun = false;
        while (true)
        {
            try
            {
                using var page = await api.GetAsync($"events?limit={Paging.PageMax}{filter}{after}", ["items", "next"], cancellation);
                begun = true;
                away.Back();
                var items = page.RootElement.GetProperty("items").EnumerateArray();
                output.Page([.. items.Where(item => printed.Add(item.GetProperty("id").GetString()))], columns);
                if (page.RootElement.GetProperty("next").GetString() is { } next)
                {
                    after = $"&after={Uri.EscapeDataString(next)}";
                    printed.Clear();
                    continue;
                }
            }
            catch (CommandException failed) when (begun && !failed.IsAnswer)
            {
                away.Begin(failed.Message);
            }
            await Task.Delay(LookEvery, TimeProvider.System, cancellation);
        }
    }
}
