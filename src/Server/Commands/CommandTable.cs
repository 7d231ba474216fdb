using Simkeeper.Core.Commands;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Commands;

/// <summary>The table of Commands. What is sent is fixed; how far it has come is not.</summary>
internal static class CommandTable
{
    private const bool Fixed = Columns.Fixed;

    public static readonly Table<Command> Rows = new("commands", Map, new Command { Body = "" });

    private static Command Map(Columns column, Command command) => new()
    {
        OrgId = column.Id("org_id", command.OrgId),
        Id = column.Id("id", command.Id),
        AccountId = column.Id("account_id", command.AccountId, Fixed),
        SimId = column.Id("sim_id", command.SimId, Fixed),
        Direction = column.Word("direction", command.Direction, CommandNames.Directions, Fixed),
        Mode = column.Word("mode", command.Mode, CommandNames.Modes, Fixed),
        Body = column.Text("body", command.Body, Fixed),
        IncludeSid = column.Word("include_sid", command.IncludeSid, CommandNames.IncludeSids, Fixed),
        Receipt = column.Flag("receipt", command.Receipt, Fixed),
        Status = column.Word("status", command.Status, CommandNames.Statuses),
        Attempts = column.Number("attempts", command.Attempts),
        Callback = Callback.OrNull(
            column.TextOrNull("callback_url", command.Callback?.Url, Fixed),
            column.TextOrNull("callback_method", command.Callback?.Method, Fixed),
            column.TextOrNull("callback_dialect", command.Callback?.Dialect, Fixed)),
        UpdatedAt = column.Time("updated_at", command.UpdatedAt),
        Version = column.Version(command.Version),
    };
}
