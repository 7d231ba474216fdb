using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Usage;

namespace Simkeeper.Server.Operator;

/// <summary>The word of a dialect for a settled status.</summary>
internal delegate string StatusWord(SimStatus status);

/// <summary>Makes the answers about SIMs, with what stands elsewhere in the store.</summary>
internal sealed class SimAnswers(Database database, Accounts.Accounts accounts, SimSettings settings, StatusWord word)
{
    public async Task<SimAnswer> OfAsync(Sim sim)
    {
        var project = (await accounts.FindAsync(sim.AccountId))!.Project;
        var blocked = await database.ReadAsync(session => DataPeriods.BlockedAsync(session, [sim]));
        return Of(sim, project, blocked.Count > 0);
    }

    public async Task<PageOf<SimAnswer>> OfAsync(Page<Sim> page)
    {
        var found = page.Items;
        var projects = new Dictionary<Guid, string>();
        foreach (var id in found.Select(sim => sim.AccountId).Distinct())
            projects[id] = (await accounts.FindAsync(id))!.Project;
        var blocked = await database.ReadAsync(session => DataPeriods.BlockedAsync(session, found));
        return Pages.Of(page, sim => sim.Id, sim => Of(sim, projects[sim.AccountId], blocked.Contains(sim.Id)));
    }

    private SimAnswer Of(Sim sim, string project, bool dataBlocked) => new()
    {
        Sid = sim.Sid,
        Id = sim.PublicId,
        Account = Ids.ToSid("AC", sim.AccountId),
        Project = project,
        Iccid = sim.Iccid,
        Imsi = sim.Imsi,
        Msisdn = sim.Msisdn,
        Eid = sim.Eid,
        Type = sim.Type.ToWire(),
        Provider = sim.Provider,
        Status = sim.Status,
        Shown = sim.Shown,
        Resetting = sim.Resetting,
        DataBlocked = dataBlocked,
        DialectStatus = word(sim.Status),
        UniqueName = sim.UniqueName,
        FriendlyName = sim.FriendlyName,
        RatePlan = sim.RatePlanId is { } plan ? Ids.ToSid("WP", plan) : null,
        Narrowband = sim.Narrowband,
        User = sim.User,
        IpAddress = sim.IpAddress,
        Metadata = sim.Metadata.Entries,
        EsimProfile = sim.Type == SimType.ESim ? Profile(sim) : null,
        SmdpAddress = sim.SmdpAddress,
        ConfirmationCodeRequired = sim.ConfirmationCodeRequired,
        CreatedAt = sim.CreatedAt,
        UpdatedAt = sim.UpdatedAt,
        Version = sim.Version,
    };

    private EsimProfileAnswer Profile(Sim sim)
    {
        var (status, updatedAt) = EsimProfile.Of(sim, settings);
        return new() { Status = status, UpdatedAt = updatedAt };
    }
}
