using System.CommandLine;
using Simkeeper.Core.Numbers;

namespace Simkeeper.Cli.Commands.Sims;

[Speaks("GET", "/sims")]
internal sealed class List : Command
{
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
            .Check(text => Iccid.Parse(text).Error is null, "must be 19 or 20 digits that start with 89; a final F is left out.");

    private readonly Paging _paging = new();

    public List() : base("list", "List SIMs.")
    {
        Add(_account);
        Add(_status);
        Add(_provider);
        Add(_iccid);
        _paging.AddTo(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        var filter = Paging.Filter(parsed, _account, _status, _provider, _iccid);
        await _paging.PrintAsync(api, output, parsed, "sims", filter, Columns, cancellation);
        return ExitCode.Done;
    }
}
