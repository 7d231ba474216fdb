using System.Text.RegularExpressions;
using Simkeeper.Core;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>Creates and finds accounts: a master, which is an org of its own, or a subaccount of one.</summary>
internal sealed partial class Accounts(Database database, Secrets secrets, SimClock clock, IdGenerator ids)
{
    public const int NameMax = 64;

    /// <summary>Checks a new account's name and project (<c>^[a-z][a-z0-9-]{1,28}[a-z0-9]$</c>).</summary>
    public static Error? Check(string name, string? project)
    {
        if (name.Length is < 1 or > NameMax || name.Any(char.IsControl))
            return new Error(ErrorCode.InvalidValue, $"name has 1 to {NameMax} characters.", "name");
        return project is null || ProjectPattern().IsMatch(project)
            ? null
            : new Error(
                ErrorCode.InvalidValue, "project has 3 to 30 characters: small letters, digits and hyphens, a letter first.", "project");
    }

    /// <summary>Creates an account. The auth token is in the answer, and nowhere else in clear.</summary>
    /// <param name="project">Null: one that its sid gives.</param>
    /// <param name="parentId">The master account; null: the account is one itself.</param>
    /// <param name="subaccountsMax">How many the master may have with it, closed ones counted.</param>
    public async Task<Result<(Account Account, string AuthToken)>> CreateAsync(
        string name, string? project, Guid? parentId, long subaccountsMax = long.MaxValue)
    {
        if (Check(name, project) is { } wrong)
            return wrong;
        var token = NewToken();
        return await database.WriteAsync<Result<(Account, string)>>(async session =>
        {
            var id = ids.Next();
            var orgId = id;
            if (parentId is { } parent)
            {
                var found = await FindAsync(session, parent);
                if (found is null)
                    return new Error(ErrorCode.NotFound, "The parent account does not exist.", "parent");
                if (found.ParentId is not null)
                    return new Error(ErrorCode.InvalidValue, "A subaccount cannot have subaccounts; give the master account.", "parent");
                orgId = found.OrgId;
                // Whoever makes another one at the same time waits here, and counts this one.
                await session.OneAsync(AccountSql.Hold, AccountTable.Rows.Read, orgId, parent);
                if (await session.OneAsync(AccountSql.Count, row => row.Number(0), orgId) > subaccountsMax)
                {
                    return new Error(ErrorCode.StateForbids,
                        $"The account has {subaccountsMax} subaccounts, and no more are allowed. Whoever runs the server can allow more.");
                }
            }
            var account = new Account(orgId, id, parentId, name, project ?? ProjectOf(id), secrets.Seal(token), clock.Now);
            if (await InsertAsync(session, account, token) is { } taken)
                return taken;
            return (account, token);
        });
    }

    /// <summary>Writes an account with its token credential. If its project or sid is taken: an error, and nothing is written.</summary>
    public async ValueTask<Error?> InsertAsync(Session session, Account account, string token)
    {
        var project = new DirectoryEntry("project", account.Project, account.OrgId, account.Id);
        if (await session.ExecuteAsync(DirectorySql.Insert, DirectoryTable.Rows.Values(project)) == 0)
        {
            return new Error(
                ErrorCode.AlreadyTaken, $"The project {account.Project} exists already. Choose another name for it.", "project");
        }
        await session.ExecuteAsync(
            DirectorySql.Insert, DirectoryTable.Rows.Values(new("account", account.Sid, account.OrgId, account.Id)));
        if (account.ParentId is null)
            await session.ExecuteAsync(AccountSql.InsertOrg, account.OrgId, account.CreatedAt);
        await session.ExecuteAsync(AccountSql.Insert, AccountTable.Rows.Values(account));
        await InsertTokenAsync(session, account, token);
        return null;
    }

    /// <summary>Makes an account known by a token, beside those it has. Nothing is written if it has this one already.</summary>
    public async ValueTask InsertTokenAsync(Session session, Account account, string token) =>
        await Keys.InsertAsync(session, new Credential(
            account.OrgId, ids.Next(), account.Id, KeyKind.TokenWord, CredentialRole.Write, "auth token",
            Credentials.Hash($"{account.Sid}:{token}"), clock.Now, null));

    public ValueTask<Account?> FindAsync(Guid id) => database.ReadAsync(session => FindAsync(session, id));

    /// <summary>An account of any org, by its id.</summary>
    public static async ValueTask<Account?> FindAsync(Session session, Guid id)
    {
        var found = await session.OneAsync(DirectorySql.Find, DirectoryTable.Rows.Read, "account", Ids.ToSid("AC", id));
        return found == default ? null : await session.OneAsync(AccountSql.ById, AccountTable.Rows.Read, found.OrgId, id);
    }

    public ValueTask<List<Account>> ListAsync(Guid after, int limit) =>
        database.ReadAsync(session => session.ListAsync(AccountSql.List, AccountTable.Rows.Read, after, limit));

    /// <summary>The accounts that a caller may see, newest first: a master sees its subaccounts too.</summary>
    /// <param name="name">Exactly this; empty: any.</param>
    /// <param name="status">Its name; empty: any.</param>
    public ValueTask<Page<Account>> PageAsync(Caller caller, string name, string status, Guid? after, Guid? before, int limit) =>
        database.ReadAsync(session => Page<Account>.ReadAsync(after, before, limit, (cursor, newer, count) =>
            session.ListAsync(newer ? AccountSql.Newer : AccountSql.Older, AccountTable.Rows.Read,
                caller.OrgId, caller.IsMaster, caller.AccountId, name, status, cursor, count), account => account.Id));

    /// <summary>The auth token in clear, for signing.</summary>
    public string AuthToken(Account account) => secrets.Open(account.SealedAuthToken);

    /// <summary>A new auth token, 16 random bytes as 32 hex digits: some clients take no other length.</summary>
    public static string NewToken() => Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));

    /// <summary>32 random bytes as 64 hex digits.</summary>
    public static string NewSecret() => Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));

    /// <summary>As much of the sid as a project's name holds: the rest is only the high digits of its time.</summary>
    private static string ProjectOf(Guid id) => "sub-" + id.ToString("N")[6..];

    [GeneratedRegex("^[a-z][a-z0-9-]{1,28}[a-z0-9]\\z")]
    private static partial Regex ProjectPattern();
}
