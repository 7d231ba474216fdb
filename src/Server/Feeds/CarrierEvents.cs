using Simkeeper.Core;
using Simkeeper.Core.Commands;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Commands;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Usage;

namespace Simkeeper.Server.Feeds;

/// <summary>Passes messages from networks to the same code that the operator API calls.</summary>
internal sealed class CarrierEvents(
    Database database, AcceptCommand accept, CommandWorker commands, TakeUsage usage, ChangeSim change) : ICarrierEvents
{
    public Task<Error?> ReceiptAsync(Guid commandId, CarrierAnswer outcome) => commands.ReceiptAsync(commandId, outcome);

    public async Task<Error?> FromDeviceAsync(SimName sim, CommandMode mode, string body)
    {
        if (Command.Check(mode, body) is { } wrong)
            return wrong;
        return await FindAsync(sim) is { } which
            ? (await accept.FromSimAsync(new Command { Body = body, Mode = mode }, which)).Error
            : NoSuchSim(sim);
    }

    public async Task<List<(int Index, Error Error)>> UsageAsync(IReadOnlyList<NamedReport> reports) =>
        (await usage.RunAsync(reports)).Refused;

    public async Task<Error?> ProfileAsync(SimName sim, ProfileStatus status, DateTimeOffset at) => await FindAsync(sim) is { } which
        ? (await change.RunAsync(which, new SimInput.ProfileReported(status, at, Actor.System))).Error
        : NoSuchSim(sim);

    private async ValueTask<FindSim?> FindAsync(SimName sim)
    {
        if (sim.Kind == "sim")
            return NamedSim.ParseId(sim.Value) is { } id ? FindSim.Anywhere(id) : null;
        var found = await database.ReadAsync(session =>
            session.OneAsync(DirectorySql.Find, DirectoryTable.Rows.Read, sim.Kind, sim.Value));
        return found == default ? null : FindSim.ById(found.OrgId, found.Target);
    }

    private static Error NoSuchSim(SimName sim) => new(ErrorCode.SimNotFound, $"No SIM has this {sim.Kind}.", sim.Kind);
}
