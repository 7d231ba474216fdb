using Simkeeper.Core.Numbers;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>Gives a new sandbox its rate plans and SIMs.</summary>
internal sealed class DemoSims(Secrets secrets, SimClock clock, IdGenerator ids) : ISandboxSeed
{
    /// <summary>SIMs of the master account and of the subaccount.</summary>
    public const int OfMaster = 16, OfSubaccount = 8;

    public async ValueTask AddAsync(Session session, Account master, Account subaccount)
    {
        await InsertPlanAsync(session, master, 1, "sandbox-plan");
        await InsertPlanAsync(session, subaccount, 2, "sandbox-plan-sub");
        await InsertSims.RunAsync(
            session, [.. Enumerable.Range(0, OfMaster + OfSubaccount).Select(i => DemoSim(i < OfMaster ? master : subaccount, i))]);
    }

    private async ValueTask InsertPlanAsync(Session session, Account account, int number, string name) =>
        await session.ExecuteAsync(RatePlanSql.Insert, RatePlanTable.Rows.Values(new RatePlan
        {
            OrgId = account.OrgId,
            Id = Seed.Numbered(number),
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
            Iccid = Iccid.Parse(WithCheckDigit($"8942424242{number:D8}")).Value,
            Imsi = Imsi.Parse($"001019{number:D9}").Value,
            Msisdn = Msisdn.Parse($"999{number:D9}").Value,
            Type = isESim ? SimType.ESim : SimType.PSim,
            Provider = "test",
            SmdpAddress = isESim ? "smdp.example.com" : null,
            MatchingId = isESim ? $"SANDBOX-{number:D4}" : null,
        };
        var sim = card.ToSim(account.OrgId, account.Id, secrets.Seal).Created(ids.Next(now), now);
        return (sim, SimEvent.Created(ids.Next(now), sim, Actor.System, ChangeSim.EventData(null, sim)));
    }

    /// <summary>Adds the Luhn digit (ITU-T E.118).</summary>
    private static string WithCheckDigit(string digits)
    {
        var sum = digits.Reverse().Select((c, i) => (c - '0') * (i % 2 == 0 ? 2 : 1)).Sum(n => n > 9 ? n - 9 : n);
        return digits + ((10 - (sum % 10)) % 10);
    }
}
