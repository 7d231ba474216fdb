using System.Text.Json;
using System.Text.Json.Serialization;
using Simkeeper.Core;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>A standing subscription of an account to Gigs events, as stored.</summary>
/// <param name="Events">The types it takes (<see cref="GigsEvents.IsPattern"/>).</param>
/// <param name="Ordered">The next event of a SIM waits for the one before.</param>
/// <param name="SealedOldSecrets">Those before (<see cref="OldSecret.Join"/>).</param>
/// <param name="OldSecretUntil">Wall clock: how long the last of them signs beside the new one.</param>
/// <param name="FailingSince">SIM clock; null: the latest attempt succeeded.</param>
internal sealed record WebhookEndpoint(
    Guid OrgId, Guid Id, Guid AccountId, string Url, IReadOnlyList<string> Events, bool Ordered, string State, byte[] SealedSecret,
    byte[]? SealedOldSecrets, DateTimeOffset? OldSecretUntil, DateTimeOffset? FailingSince)
{
    public const string IdPrefix = "we";

    public string PublicId => Ids.ToGigs(IdPrefix, Id);

    public bool Enabled => State == "enabled";

    /// <summary>The secrets that sign beside its own at this moment, newest first.</summary>
    public IEnumerable<OldSecret> OldSecrets(Func<byte[], string> open, DateTimeOffset now) =>
        SealedOldSecrets is { } @sealed && OldSecretUntil > now ? OldSecret.Split(open(@sealed), OldSecretUntil.Value, now) : [];
}

/// <summary>The statements on webhook endpoints.</summary>
internal static class WebhookSql
{
    private const string Columns = """
        org_id, id, account_id, url, events, ordered, state, sealed_secret, sealed_old_secret, old_secret_until, failing_since
        """;

    /// <summary>What <see cref="ReadListener"/> reads.</summary>
    public const string ListenerColumns = "e.id, e.url, e.events, e.ordered, a.project";

    public static readonly Sql Insert = new($"""
        insert into webhook_endpoints ({Columns}) values (@org_id, @id, @account_id, @url, @events, @ordered, @state, @sealed_secret,
          @sealed_old_secret, @old_secret_until, @failing_since)
        """);

    public static readonly Sql ById = new($"select {Columns} from webhook_endpoints where org_id = @org_id and id = @id");

    /// <summary>Over all orgs, for operators: one index probe per org.</summary>
    public static readonly Sql ByIdAnywhere = new($"""
        select e.{Columns.Replace(", ", ", e.").Trim()} from orgs o cross join webhook_endpoints e where e.org_id = o.org_id and e.id = @id
        """);

    public static readonly Sql List = new($"""
        select {Columns} from webhook_endpoints where org_id = @org_id and id > @after and (@any_account = 1 or account_id = @account_id)
        order by id limit @limit
        """);

    public static readonly Sql CountOf = new(
        "select count(*) from webhook_endpoints where org_id = @org_id and account_id = @account_id");

    /// <summary>What a change of an account's SIM is told to, with the account's project.</summary>
    public static readonly Sql EnabledOf = new($"""
        select {ListenerColumns} from webhook_endpoints e
        join accounts a on a.org_id = e.org_id and a.id = e.account_id
        where e.org_id = @org_id and e.account_id = @account_id and e.state = 'enabled' order by e.id
        """);

    /// <summary>Reads an endpoint and holds it until the transaction ends.</summary>
    public static readonly Sql Hold = new($"""
        update webhook_endpoints set state = state where org_id = @org_id and id = @id returning {Columns}
        """);

    public static readonly Sql Rotate = new("""
        update webhook_endpoints set sealed_secret = @sealed_secret, sealed_old_secret = @sealed_old_secret, old_secret_until = @until
        where org_id = @org_id and id = @id
        """);

    public static readonly Sql SetFailingSince = new(
        "update webhook_endpoints set failing_since = @failing_since where org_id = @org_id and id = @id");

    public static readonly Sql SetState = new("""
        update webhook_endpoints set state = @state, failing_since = null where org_id = @org_id and id = @id and state <> @state
        """);

    /// <summary>An event of no SIM: what became of an endpoint. Operators see it, dialects do not.</summary>
    public static readonly Sql InsertEvent = new("""
        insert into events (org_id, id, sim_id, account_id, type, actor_kind, actor_sid, actor_address, data)
        values (@org_id, @id, @no_sim, @account_id, @type, @actor_kind, @actor_sid, @actor_address, @data)
        """);

    public static readonly Sql Delete = new("delete from webhook_endpoints where org_id = @org_id and id = @id");

    public static WebhookEndpoint Read(Row row) => new(row.Id(0), row.Id(1), row.Id(2), row.Text(3), ReadEvents(row.Text(4)), row.Flag(5),
        row.Text(6), row.Bytes(7), row.BytesOrNull(8), row.TimeOrNull(9), row.TimeOrNull(10));

    /// <param name="at">The first of its columns.</param>
    public static WebhookListener ReadListener(Row row, int at) =>
        new(row.Id(at), row.Text(at + 1), ReadEvents(row.Text(at + 2)), row.Flag(at + 3), row.Text(at + 4));

    public static object?[] Values(WebhookEndpoint endpoint) =>
    [
        endpoint.OrgId, endpoint.Id, endpoint.AccountId, endpoint.Url, JsonSerializer.Serialize(endpoint.Events, StoredJson.Default.IReadOnlyListString), endpoint.Ordered,
        endpoint.State, endpoint.SealedSecret, endpoint.SealedOldSecrets, endpoint.OldSecretUntil, endpoint.FailingSince,
    ];

    public static IReadOnlyList<string> ReadEvents(string json) => JsonSerializer.Deserialize(json, StoredJson.Default.StringArray)!;
}

/// <summary>The JSON of the table's columns.</summary>
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class StoredJson : JsonSerializerContext;
