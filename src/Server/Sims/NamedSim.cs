using Simkeeper.Core;
using Simkeeper.Core.Numbers;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>Finds a SIM for operators by whatever they have of it: sid, id, ICCID, MSISDN, IMSI, EID or unique name.</summary>
internal sealed class NamedSim(Database database)
{
    public const int LengthMax = 255;

    /// <summary>The kinds of numbers in the directory, each unique in the installation.</summary>
    private static readonly string[] Numbers = ["iccid", "msisdn", "imsi"];

    /// <summary>The way to the SIM. A sid or an id is taken as it is: who looks for the SIM finds out if it is there.</summary>
    /// <returns>Otherwise the SIM is there; an error: none is, or several are.</returns>
    public async ValueTask<Result<FindSim>> FindAsync(string name)
    {
        if (ParseId(name) is { } id)
            return FindSim.Anywhere(id);
        var found = await LookAsync(name);
        return found.Error is { } error ? error : FindSim.ById(found.Value.OrgId, found.Value.Id);
    }

    /// <summary>The id of the SIM that a filter names; null: it names none.</summary>
    /// <param name="field">The name of the filter, for the error.</param>
    public async ValueTask<Result<Guid?>> FindIdAsync(string? name, string field = "sim")
    {
        if (name is null || ParseId(name) is not null)
            return name is null ? null : ParseId(name);
        var found = await LookAsync(name);
        return found.Error is { } error ? new Error(ErrorCode.InvalidValue, error.Message, field) : found.Value.Id;
    }

    /// <summary>The id that a sid or a public id spells; null: it is neither.</summary>
    public static Guid? ParseId(string name) =>
        Ids.TryParseSid("DE", name, out var id) || Ids.TryParseBase62("sim", name, out id) ? id : null;

    private async ValueTask<Result<(Guid OrgId, Guid Id)>> LookAsync(string name)
    {
        if (name.Length is 0 or > LengthMax)
            return None;
        var found = await database.ReadAsync(session => LookAsync(session, name));
        return found switch
        {
            [] => None,
            [var only] => only,
            _ => new Error(ErrorCode.StateForbids, "Several SIMs are called so. Give the sid or the ICCID of one."),
        };
    }

    private static async ValueTask<List<(Guid OrgId, Guid Id)>> LookAsync(Session session, string name)
    {
        var number = name.StartsWith('+') ? name[1..] : Iccid.Parse(name) is { Error: null } iccid ? iccid.Value.Value : name;
        var found = new List<(Guid OrgId, Guid Id)>();
        if (number.All(char.IsAsciiDigit))
        {
            foreach (var kind in Numbers)
            {
                var entry = await session.OneAsync(DirectorySql.Find, DirectoryTable.Rows.Read, kind, number);
                if (entry != default)
                    found.Add((entry.OrgId, entry.Target));
            }
            if (number.Length == Eid.DigitCount)
                found.AddRange(await session.ListAsync(SimSql.IdsByEid, row => (row.Id(0), row.Id(1)), number));
        }
        if (found.Count == 0)
            found.AddRange(await session.ListAsync(SimSql.IdsByUniqueName, row => (row.Id(0), row.Id(1)), name));
        return [.. found.Distinct()];
    }

    private static Error None => new(ErrorCode.SimNotFound, "No SIM has this sid, id, number or unique name.");
}
