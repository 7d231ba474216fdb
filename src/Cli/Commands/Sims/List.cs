using System.CommandLine;

namespace Simkeeper.Cli.Commands.Sims;

internal sealed class List : Command
{
    private const int LimitDefault = 50;
    private const int PageMax = 500;
    private static readonly string[] Statuses = ["new", "ready", "active", "suspended", "deactivated", "canceled"];
    private static readonly string StatusList = string.Join(", ", Statuses);
    private static readonly string[] Columns = ["sid", "account", "iccid", "type", "provider", "status", "shown", "uniqueName"];
    private readonly Option<string> _account = SharedOptions.Account("Only SIMs of this account.");
    private readonly Option<string> _provider = SharedOptions.Provider("Only SIMs of this provider.");

    private readonly Option<string> _status =
        new Option<string>("--status") { Description = $"Only SIMs with this settled status: {StatusList}.", HelpName = "S" }
            .Check(Statuses.Contains, $"must be one of {StatusList}.");

    private readonly Option<string> _iccid =
        new Option<string>("--iccid") { Description = "Only the SIM with this ICCID.", HelpName = "N" }
            .Check(text => text.Length is 19 or 20 && text.All(char.IsAsciiDigit), "must be 19 or 20 digits.");

    private readonly Option<string> _limit =
        new Option<string>("--limit") { Description = $"How many SIMs at most; default {LimitDefault}.", HelpName = "N" }
            .Check(text => int.TryParse(text, out var limit) && limit > 0, "must be a whole number from 1.");

    private readonly Option<bool> _all = new("--all") { Description = "Every SIM that matches, without a limit." };

    public List() : base("list", "List SIMs.")
    {
        Validators.Add(result =>
        {
            if (result.GetResult(_all) is not null && result.GetResult(_limit) is not null)
                result.AddError("Give --limit or --all, not both.");
        });
        Add(_account);
        Add(_status);
        Add(_provider);
        Add(_iccid);
        Add(_limit);
        Add(_all);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        var filter = string.Concat(
            new[] { _account, _status, _provider, _iccid }
                .Where(option => parsed.GetValue(option) is not null)
                .Select(option => $"&{option.Name[2..]}={Uri.EscapeDataString(parsed.GetRequiredValue(option))}"));
        var left = parsed.GetValue(_all) ? long.MaxValue : parsed.GetValue(_limit) is { } limit ? int.Parse(limit) : LimitDefault;
        string? next = null;
        do
        {
            var after = next is null ? "" : $"&after={Uri.EscapeDataString(next)}";
            var call = $"sims?limit={Math.Min(left, PageMax)}{filter}{after}";
            using var page = await api.GetAsync(call, ["items", "next"], cancellation);
            var items = page.RootElement.GetProperty("items").EnumerateArray().ToList();
            output.Page(items, Columns);
            left -= items.Count;
            next = page.RootElement.GetProperty("next").GetString();
        }
        while (next is not null && left > 0);
        if (next is not null)
            Output.Message("There are more; --limit or --all shows them.");
        return ExitCode.Done;
    }
}
