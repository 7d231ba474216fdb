using System.Text.Json;
using System.Text.Json.Serialization;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>The statements on webhook endpoints.</summary>
internal static class WebhookEndpointSql
{
    private const string Columns = """
        org_id, id, account_id, url, events, ordered, state, sealed_secret, sealed_old_secret, old_secret_until, failing_since
        """;

    /// <summary>The columns that <see cref="ReadListener"/> reads.</summary>
    private const string ListenerColumns = "e.id, e.url, e.events, e.ordered, a.project";

    /// <summary>Finds the enabled endpoints that hear of a change of a SIM, with the account's project: a row for each.</summary>
    public static readonly Joined OfSim = new(ListenerColumns.Split(", "), """
        left join webhook_endpoints e on e.org_id = s.org_id and e.account_id = s.account_id and e.state = 'enabled'
        left join accounts a on a.org_id = e.org_id and a.id = e.account_id
        """, static (row, at) => row.IdOrNull(at) is null ? null : ReadListener(row, at));

    /// <summary>The endpoint of a delivery.</summary>
    public static readonly Joined OfDelivery = new(
        [.. Columns.Split(',').Select(column => "e." + column.Trim())],
        "left join webhook_endpoints e on e.org_id = d.org_id and e.id = d.endpoint_id",
        static (row, at) => row.IdOrNull(at) is null ? null : Read(row, at));

    public static readonly Sql Insert = new($"""
        insert into webhook_endpoints ({Columns}) values (@org_id, @id, @account_id, @url, @events, @ordered, @state, @sealed_secret,
          @sealed_old_secret, @old_secret_until, @failing_since)
        """);

    public static readonly Sql ById = new($"select {Columns} from webhook_endpoints where org_id = @org_id and id = @id");

    /// <summary>Finds an endpoint of any org, for operators: one index probe per org.</summary>
    public static readonly Sql ByIdAnywhere = new($"""
        select e.{Columns.Replace(", ", ", e.").Trim()} from orgs o cross join webhook_endpoints e where e.org_id = o.org_id and e.id = @id
        """);

    public static readonly Sql List = new($"""
        select {Columns} from webhook_endpoints where org_id = @org_id and id > @after and (@any_account = 1 or account_id = @account_id)
        order by id limit @limit
        """);

    public static readonly Sql CountOf = new(
        "select count(*) from webhook_endpoints where org_id = @org_id and account_id = @account_id");

    /// <summary>Finds the endpoints that hear of changes of an account's SIMs, with the account's project.</summary>
    public static readonly Sql EnabledOf = new($"""
        select {ListenerColumns} from webhook_endpoints e
        join accounts a on a.org_id = e.org_id and a.id = e.account_id
        where e.org_id = @org_id and e.account_id = @account_id and e.state = 'enabled' order by e.id
        """);

    /// <summary>Reads an endpoint and locks it until the transaction ends.</summary>
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

    /// <summary>Disables all endpoints of an account.</summary>
    public static readonly Sql Disable = new("""
        update webhook_endpoints set state = 'disabled' where org_id = @org_id and account_id = @account_id and state <> 'disabled'
        """);

    /// <summary>Writes an event about an endpoint, which has no SIM. Operators see it, dialects do not.</summary>
    public static readonly Sql InsertEvent = new("""
        insert into events (org_id, id, sim_id, account_id, type, actor_kind, actor_sid, actor_address, data)
        values (@org_id, @id, @no_sim, @account_id, @type, @actor_kind, @actor_sid, @actor_address, @data)
        """);

    public static readonly Sql Delete = new("delete from webhook_endpoints where org_id = @org_id and id = @id");

    public static WebhookEndpoint Read(Row row) => Read(row, 0);

    /// <param name="at">The place of its first column.</param>
    private static WebhookEndpoint Read(Row row, int at) => new(row.Id(at), row.Id(at + 1), row.Id(at + 2), row.Text(at + 3),
        ReadEvents(row.Text(at + 4)), row.Flag(at + 5), row.Text(at + 6) == "enabled" ? EndpointState.Enabled : EndpointState.Disabled,
        row.Bytes(at + 7), row.BytesOrNull(at + 8), row.TimeOrNull(at + 9), row.TimeOrNull(at + 10));

    /// <param name="at">The place of its first column.</param>
    public static WebhookListener ReadListener(Row row, int at) =>
        new(row.Id(at), row.Text(at + 1), ReadEvents(row.Text(at + 2)), row.Flag(at + 3), row.Text(at + 4));

    public static object?[] Values(WebhookEndpoint endpoint) =>
    [
        endpoint.OrgId, endpoint.Id, endpoint.AccountId, endpoint.Url,
        JsonSerializer.Serialize(endpoint.Events, StoredJson.Default.IReadOnlyListString), endpoint.Ordered,
        endpoint.State.ToWire(), endpoint.SealedSecret, endpoint.SealedOldSecrets, endpoint.OldSecretUntil, endpoint.FailingSince,
    ];

    /// <summary>A selection that cannot be read selects nothing: it must not stop the changes of SIMs.</summary>
    private static string[] ReadEvents(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, StoredJson.Default.StringArray) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}

/// <summary>The JSON of the table's columns.</summary>
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class StoredJson : JsonSerializerContext;
