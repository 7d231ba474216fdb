using Simkeeper.Core.Commands;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Commands;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>Writes the callbacks that were asked for in this dialect, and marks the events that Monitor shows.</summary>
internal sealed class KoreFollower(IdGenerator ids, SealedUrls urls) : ISimFollower, ICommandFollower
{
    public async ValueTask ChangedAsync(Session session, SimChange change)
    {
        if (change.EventId is { } eventId && Monitored.Is(change.Decision.Event!, change.Before, change.After))
        {
            await session.LaterAsync(MonitorSql.Mark, change.Before.OrgId, eventId);
            var actor = change.Decision.Actor is { Kind: "account" } by ? by : null;
            foreach (var account in Monitored.AlsoTo(change))
            {
                await session.LaterAsync(
                    MonitorSql.Copy, change.Before.OrgId, account, eventId, change.Before.Id, actor?.Sid, actor?.Address);
            }
        }
        foreach (var message in change.Decision.Callbacks)
        {
            if (message.To.Dialect != KoreSettings.DialectName)
                continue;
            var form = KoreCallback.Form(change.After!, message);
            change.Kept.Add(form.Length + message.To.Url.Length);
            var sim = change.After!;
            await PutAsync(session, (sim.OrgId, sim.AccountId, sim.Id), message.To, form, change.Now, change.Wake);
        }
    }

    public async ValueTask ChangedAsync(Session session, CommandChange change)
    {
        var (command, sim) = (change.Command, change.Sim);
        var to = command.Direction == CommandDirection.FromSim ? ForCommandsOf(sim!) : command.Callback;
        if (to?.Dialect == KoreSettings.DialectName)
        {
            var owner = sim?.AccountId ?? command.AccountId;
            await PutAsync(session, (command.OrgId, owner, command.SimId), to,
                KoreCallback.CommandForm(command, sim, change.ErrorCode, change.ErrorMessage), command.UpdatedAt, change.Wake);
        }
    }

    private static Callback? ForCommandsOf(Sim sim) => SimHooks.Value(sim.Hooks, "commands_callback_url") is { } url
        ? new Callback(url, SimHooks.Value(sim.Hooks, "commands_callback_method")!, KoreSettings.DialectName)
        : null;

    private async ValueTask PutAsync(
        Session session, (Guid Org, Guid Account, Guid Sim) of, Callback to, string form, DateTimeOffset now, HashSet<Lane> wake)
    {
        await TwilioCallback.PutAsync(session, ids.Next(now), of, to, form, now, urls);
        wake.Add(Lane.Deliveries);
    }
}
