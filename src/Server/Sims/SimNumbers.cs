using Simkeeper.Core;
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

    /// <summary>Takes the numbers that a corrected SIM has in addition: all of them, or none and an error.</summary>
    public static async ValueTask<Error?> TakeAsync(Session session, Sim before, Sim after)
    {
        var taken = new List<DirectoryEntry>();
        foreach (var number in Of(after).Except(Of(before)))
        {
            if (await session.ExecuteAsync(DirectorySql.Insert, DirectoryTable.Rows.Values(number)) > 0)
            {
                taken.Add(number);
                continue;
            }
            await GiveBackAsync(session, taken);
            return Taken(number.Kind);
        }
        return null;
    }

    /// <summary>Gives back numbers that were taken in this transaction for a SIM that is not to have them.</summary>
    public static async ValueTask GiveBackAsync(Session session, IReadOnlyList<DirectoryEntry> taken)
    {
        foreach (var number in taken)
            await session.ExecuteAsync(DirectorySql.Delete, number.Kind, number.Value);
    }

    /// <summary>The error of a number that belongs to another SIM.</summary>
    public static Error Taken(string kind) =>
        new(ErrorCode.AlreadyTaken, $"Another SIM has this {kind}. Correct it, or cancel that SIM first.", kind);

    /// <summary>Gives back the numbers that a changed SIM has no more.</summary>
    /// <param name="after">Null: it is deleted.</param>
    public static async ValueTask FreeAsync(Session session, Sim before, Sim? after)
    {
        foreach (var freed in Of(before).Except(after is null ? [] : Of(after)))
            await session.LaterAsync(DirectorySql.Delete, freed.Kind, freed.Value);
    }
}
