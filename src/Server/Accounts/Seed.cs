using System.Buffers;
using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>
/// Fills a new store: the sandbox's with accounts that everybody knows, another with one org that has secrets of its own.
/// </summary>
internal sealed class Seed(
    Database database, Accounts accounts, KeyKinds kinds, IEnumerable<ISandboxSeed> sandbox, Secrets secrets, SimClock clock,
    IdGenerator ids)
{
    /// <summary>The version of the credentials that a sandbox has, and the installation's value that says which one a store has.</summary>
    private const int SandboxVersion = 2;
    private const string SandboxName = "sandbox";

    private static readonly Guid Master = Numbered(1);

    /// <summary>
    /// Seeds the sandbox, once. A sandbox of an earlier version gets the credentials that were added since; any other store that has an org
    /// is left alone.
    /// </summary>
    public Task SandboxAsync() => database.WriteAsync(async session =>
    {
        if (await AcrossOrgs.AnyAsync(session))
        {
            if (await session.OneAsync(AccountSql.ById, AccountTable.Rows.Read, Master, Master) is not { } oldMaster
                || await session.OneAsync(AccountSql.ById, AccountTable.Rows.Read, Master, Numbered(2)) is not { } oldSub)
                return false;
            var version = await Installation.LoadAsync(session, SandboxName) is { } stored ? int.Parse(stored) : 1;
            if (version >= SandboxVersion)
                return false;
            await InsertCredentialsAsync(session, oldMaster, oldSub, version);
            return true;
        }
        var master = await InsertAccountAsync(session, 1, null, "Sandbox", "sandbox", "sandbox-token");
        var sub = await InsertAccountAsync(session, 2, master, "Sandbox subaccount", "sandbox-sub", "sandbox-token-2");
        await InsertCredentialsAsync(session, master, sub, 0);
        foreach (var part in sandbox)
            await part.AddAsync(session, master, sub);
        return true;
    });

    /// <summary>
    /// Makes the one org of a new production store and writes its secrets to a file that only its owner can read. The file is complete
    /// before the store has the org: whoever dies in between starts again with new secrets.
    /// </summary>
    /// <returns>The file's path, or null when the store has an org already.</returns>
    public async Task<string?> ProductionAsync(string folder)
    {
        if (await database.ReadAsync(AcrossOrgs.AnyAsync))
            return null;
        var token = Accounts.NewToken();
        var keys = kinds.All.Where(kind => kind.FirstKeyName is not null).OrderBy(kind => kind.FirstKeyName, StringComparer.Ordinal)
            .Select(kind => (Kind: kind, Id: ids.Next(), Secret: kind.NewSecret())).ToList();
        var id = ids.Next();
        var path = Path.GetFullPath(Path.Combine(folder, "credentials.json"));
        var content = new ArrayBufferWriter<byte>();
        await using (var json = new Utf8JsonWriter(content, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("accountSid", Ids.ToSid("AC", id));
            json.WriteString("authToken", token);
            foreach (var key in keys)
                json.WriteString(key.Kind.FirstKeyName!, key.Secret);
            json.WriteEndObject();
        }
        await PrivateFiles.WriteAsync(path, content.WrittenMemory);
        await database.WriteAsync(async session =>
        {
            var account = new Account(id, id, null, "Main", "main", secrets.Seal(token), clock.Now);
            await accounts.InsertAsync(session, account, token);
            foreach (var (kind, keyId, secret) in keys)
            {
                await InsertKeyAsync(
                    session, kind.IsOfAccount ? account : null, keyId, kind, CredentialRole.Write, kind.Sent(keyId, secret));
            }
            return true;
        });
        return path;
    }

    /// <summary>Writes the credentials that came after a version of the sandbox, and notes the present version.</summary>
    private async ValueTask InsertCredentialsAsync(Session session, Account master, Account sub, int after)
    {
        await accounts.InsertTokenAsync(session, master, "sandbox-token-000000000000000001");
        await accounts.InsertTokenAsync(session, sub, "sandbox-token-000000000000000002");
        foreach (var kind in kinds.All)
        {
            foreach (var key in kind.Sandbox.Where(key => key.Since > after))
            {
                var account = key.IsOfSubaccount ? sub : master;
                await InsertKeyAsync(session, kind.IsOfAccount ? account : null, ids.Next(), kind, key.Role, key.Sent);
            }
        }
        await Installation.StoreAsync(session, SandboxName, SandboxVersion.ToString());
    }

    private async ValueTask<Account> InsertAccountAsync(
        Session session, int number, Account? parent, string name, string project, string token)
    {
        var account = new Account(Master, Numbered(number), parent?.Id, name, project, secrets.Seal(token), clock.Now);
        await accounts.InsertAsync(session, account, token);
        return account;
    }

    private async ValueTask InsertKeyAsync(
        Session session, Account? account, Guid id, KeyKind kind, CredentialRole role, string sent) =>
        await Keys.InsertAsync(session, new Credential(account?.OrgId ?? Installation.OrgId, id, account?.Id, kind.Word, role, "",
            Credentials.Hash(sent), clock.Now, null));

    /// <summary>The ids that the sandbox is known by: 32 hex digits that end in the number.</summary>
    public static Guid Numbered(int number) => Guid.ParseExact(number.ToString("x32"), "N");
}
