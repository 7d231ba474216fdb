using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The numbers of SIMs in the directory, where each belongs to one SIM of the installation.</summary>
internal static class SimNumbers
{
    /// <summary>The numbers that a SIM has, its ICCID first. A canceled SIM has given its IMSI and MSISDN back.</summary>
    public static IEnumerable<DirectoryEntry> Of(Sim sim)
    {
        yield return new("iccid", sim.Iccid, sim.OrgId, sim.Id);
        if (sim.Status == SimStatus.Canceled)
            yield break;
        if (sim.Imsi is { } imsi)
            yield return new("imsi", imsi, sim.OrgId, sim.Id);
        if (sim.Msisdn is { } msisdn)
            yield return new("msisdn", msisdn, sim.OrgId, sim.Id);
    }

    /// <summary>Gives back the numbers that a changed SIM has no more.</summary>
    /// <param name="after">Null: it is deleted.</param>
    public static async ValueTask FreeAsync(Session session, Sim before, Sim? after)
    {
        foreach (var freed in Of(before).Except(after is null ? [] : Of(after)))
            await session.LaterAsync(DirectorySql.Delete, freed.Kind, freed.Value);
    }
}
