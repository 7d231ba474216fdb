using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Core.Numbers;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Sims;

namespace Simkeeper.Bench;

/// <summary>The SIMs that the figures are measured on: the number of a SIM decides everything but its id.</summary>
internal static class Inventory
{
    public const string CsvHeader = "iccid,imsi,msisdn,smdp_address,matching_id";

    /// <summary>The bytes that a matching id of 20 characters takes once it is encrypted.</summary>
    private const int SealedBytes = 116;

    private static readonly Guid Master = Guid.ParseExact("1".PadLeft(32, '0'), "N");
    private static readonly string[] Providers = ["p3", "p14", "p15", "lab-hlr"];
    private static readonly IdGenerator IdsOfSims = new(new SimClock(TimeProvider.System));

    public static Guid NewId() => IdsOfSims.Next();

    /// <summary>A SIM as an import of <see cref="CsvLine"/> makes it.</summary>
    public static Sim Imported(int number)
    {
        var id = NewId();
        var sealedMatchingId = new byte[SealedBytes];
        Random.Shared.NextBytes(sealedMatchingId);
        return new Sim
        {
            OrgId = Master,
            Id = id,
            AccountId = Master,
            Iccid = IccidOf(number),
            Imsi = ImsiOf(number),
            Msisdn = MsisdnOf(number),
            Type = SimType.ESim,
            Provider = "test",
            StatusSince = Ids.CreatedAt(id),
            SmdpAddress = "smdp.example.com",
            SealedMatchingId = sealedMatchingId,
            UpdatedAt = Ids.CreatedAt(id),
        };
    }

    /// <summary>A SIM that has been in use: four carriers, every status, some metadata and names.</summary>
    public static Sim InUse(int number) => Imported(number) with
    {
        Provider = Providers[number % Providers.Length],
        // Of twenty: twelve active, four new, two suspended, one deactivated, one canceled; independent of the carrier.
        Status = (number / Providers.Length % 20) switch
        {
            < 12 => SimStatus.Active,
            < 16 => SimStatus.New,
            < 18 => SimStatus.Suspended,
            18 => SimStatus.Deactivated,
            _ => SimStatus.Canceled,
        },
        UniqueName = $"meter-{number}",
        FriendlyName = $"Meter {number}",
        Metadata = Metadata.Of([new("customer", $"c-{number % 1000}"), new("site", $"berlin-{number % 37}")]),
    };

    public static string CsvLine(int number) =>
        $"{IccidOf(number)},{ImsiOf(number)},{MsisdnOf(number)},smdp.example.com,MATCH-{number:D14}";

    /// <summary>The values of the event of a new SIM, as an import writes it.</summary>
    public static object?[] CreatedEvent(Sim sim) => EventTable.Rows.Values(
        SimEvent.Created(NewId(), sim, new Actor("operator", "opk_0000000000000000000000", "127.0.0.1"), EventData(null, sim)));

    /// <summary>The values of the event of a change.</summary>
    public static object?[] ChangedEvent(Sim sim, string type, Actor actor, string data) =>
        EventTable.Rows.Values(new SimEvent(sim.OrgId, NewId(), sim.Id, sim.AccountId, type, actor, null, data));

    /// <summary>The text of a change's event, as it is stored.</summary>
    /// <param name="before">Null for a new SIM.</param>
    public static string EventData(Sim? before, Sim after)
    {
        var changes = SimFields.Changes(before, after).ToList();
        return JsonSerializer.Serialize(new Dictionary<string, Dictionary<string, object?>>
        {
            ["previous"] = changes.ToDictionary(change => change.Name, change => change.Previous),
            ["updated"] = changes.ToDictionary(change => change.Name, change => change.Updated),
        });
    }

    private static string ImsiOf(int number) => $"99970{number:D10}";

    private static string MsisdnOf(int number) => $"88213{number:D10}";

    private static string IccidOf(int number)
    {
        var digits = $"8988213{number:D11}";
        return digits + Enumerable.Range(0, 10).First(check => Iccid.Parse(digits + check).Value.HasValidCheckDigit);
    }
}
