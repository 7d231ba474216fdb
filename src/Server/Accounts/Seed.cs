using System.Buffers;
using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Core.Numbers;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>Fills a new store: the sandbox's with known accounts and demo SIMs, another with one org that has secrets of its own.</summary>
internal sealed class Seed(Database database, Accounts accounts, Secrets secrets, SimClock clock, IdGenerator ids)
{
    /// <summary>Demo SIMs of the master account and of the subaccount.</summary>
    public const int MasterSims = 16, SubaccountSims = 8;

    private static readonly Guid Master = Numbered(1);

    /// <summary>Seeds the sandbox, once: a store that has an org already is left alone.</summary>
    public Task SandboxAsync() => database.WriteAsync(async session =>
    {
        if (await AcrossOrgs.AnyAsync(session))
            return false;
        var master = await InsertAccountAsync(session, 1, null, "Sandbox", "sandbox", "sandbox-token");
        var sub = await InsertAccountAsync(session, 2, master, "Sandbox subaccount", "sandbox-sub", "sandbox-token-2");
        await InsertKeyAsync(session, master, CredentialKind.Gigs, CredentialRole.Write, "gpk_sandbox");
        await InsertKeyAsync(session, master, CredentialKind.Gigs, CredentialRole.Read, "gpk_sandbox_read");
        await InsertKeyAsync(session, sub, CredentialKind.Gigs, CredentialRole.Write, "gpk_sandbox_sub");
        await InsertKeyAsync(session, master, CredentialKind.Client, CredentialRole.Write, "sandbox-client:sandbox-secret");
        await InsertKeyAsync(session, null, CredentialKind.Operator, CredentialRole.Write, "skop_sandbox");
        await InsertPlanAsync(session, master, 1, "sandbox-plan");
        await InsertPlanAsync(session, sub, 2, "sandbox-plan-sub");
        await InsertSims.RunAsync(session, [.. Enumerable.Range(0, MasterSims + SubaccountSims)
            .Select(i => DemoSim(i < MasterSims ? master : sub, i))]);
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
        var token = Accounts.NewSecret();
        var gigsKey = "gpk_" + Accounts.NewSecret();
        var operatorKey = "skop_" + Accounts.NewSecret();
        var id = ids.Next();
        var path = Path.GetFullPath(Path.Combine(folder, "credentials.json"));
        var content = new ArrayBufferWriter<byte>();
        await using (var json = new Utf8JsonWriter(content, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("accountSid", Ids.ToSid("AC", id));
            json.WriteString("authToken", token);
            json.WriteString("gigsKey", gigsKey);
            json.WriteString("operatorKey", operatorKey);
            json.WriteEndObject();
        }
        await WritePrivateAsync(path, content.WrittenMemory);
        await database.WriteAsync(async session =>
        {
            var account = new Account(id, id, null, "Main", "main", secrets.Seal(token), clock.Now);
            await accounts.InsertAsync(session, account, token);
            await InsertKeyAsync(session, account, CredentialKind.Gigs, CredentialRole.Write, gigsKey);
            await InsertKeyAsync(session, null, CredentialKind.Operator, CredentialRole.Write, operatorKey);
            return true;
        });
        return path;
    }

    /// <summary>Writes a file that only its owner can read, whole or not at all.</summary>
    public static async Task WritePrivateAsync(string path, ReadOnlyMemory<byte> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var part = path + ".part";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var file = new FileStream(part, options))
        {
            await file.WriteAsync(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(part, path, overwrite: true);
    }

    private async ValueTask<Account> InsertAccountAsync(
        Session session, int number, Account? parent, string name, string project, string token)
    {
        var account = new Account(Master, Numbered(number), parent?.Id, name, project, secrets.Seal(token), clock.Now);
        await accounts.InsertAsync(session, account, token);
        return account;
    }

    private async ValueTask InsertKeyAsync(Session session, Account? account, CredentialKind kind, CredentialRole role, string sent) =>
        await Keys.InsertAsync(session, new Credential(account?.OrgId ?? Installation.OrgId, ids.Next(), account?.Id, kind, role, "",
            Credentials.Hash(sent), clock.Now, null));

    private async ValueTask InsertPlanAsync(Session session, Account account, int number, string name) =>
        await session.ExecuteAsync(RatePlanSql.Insert, RatePlanTable.Rows.Values(new RatePlan
        {
            OrgId = account.OrgId,
            Id = Numbered(number),
            AccountId = account.Id,
            UniqueName = name,
            CreatedAt = clock.Now,
            UpdatedAt = clock.Now,
        }));

    private (Sim Sim, SimEvent Created) DemoSim(Account account, int number)
    {
        var now = clock.Now;
        var isESim = number % 2 == 0;
        var card = new SimCard
        {
            Iccid = Iccid.Parse(WithCheckDigit($"894242000000000{number:D3}")).Value,
            Imsi = Imsi.Parse($"001019{number:D9}").Value,
            Msisdn = Msisdn.Parse($"999{number:D9}").Value,
            Type = isESim ? SimType.ESim : SimType.PSim,
            Provider = "test",
            SmdpAddress = isESim ? "smdp.example.com" : null,
            MatchingId = isESim ? $"SANDBOX-{number:D4}" : null,
            Columns = default,
        };
        var sim = card.ToSim(account.OrgId, account.Id, secrets.Seal).Created(ids.Next(now), now);
        return (sim, SimEvent.Created(ids.Next(now), sim, Actor.System, ChangeSim.EventData(null, sim)));
    }

    /// <summary>The ids that the sandbox is known by: 32 hex digits that end in the number.</summary>
    private static Guid Numbered(int number) => Guid.ParseExact(number.ToString("x32"), "N");

    /// <summary>Adds the Luhn digit (ITU-T E.118).</summary>
    private static string WithCheckDigit(string digits)
    {
        var sum = digits.Reverse().Select((c, i) => (c - '0') * (i % 2 == 0 ? 2 : 1)).Sum(n => n > 9 ? n - 9 : n);
        return digits + ((10 - (sum % 10)) % 10);
    }
}
