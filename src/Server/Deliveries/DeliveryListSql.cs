using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>One try to send a delivery, as stored.</summary>
/// <param name="At">SIM clock.</param>
/// <param name="Status">Null: no answer.</param>
/// <param name="Answer">Its first bytes.</param>
/// <param name="Error">Null: it was taken.</param>
internal sealed record DeliveryAttempt(int Number, DateTimeOffset At, int? Status, int LatencyMs, string? Answer, string? Error);

/// <summary>The statements by which deliveries are looked at, sent again and watched.</summary>
internal static class DeliveryListSql
{
    private const string Matching = """
        and (@any_kind = 1 or kind = @kind) and (@any_state = 1 or state = @state) and (@any_endpoint = 1 or endpoint_id = @endpoint_id)
        """;

    private const string InRange = """
        id > @after and id < @until and (@any_account = 1 or account_id = @account_id) and (@any_endpoint = 1 or endpoint_id = @endpoint_id)
        order by id limit @limit
        """;

    /// <summary>A delivery and its keys, whatever its state.</summary>
    private static readonly string Keyed = $"""
        select d.{DeliverySql.Columns.Replace(", ", ", d.")}, a.sealed_auth_token,
          (select s.sealed_secret from webhook_secrets s where s.org_id = d.org_id and s.account_id = d.account_id and s.status = 'active'
           order by s.id desc limit 1)
        from deliveries d join accounts a on a.org_id = d.org_id and a.id = d.account_id
        """;

    /// <summary>Over all orgs, for operators: one index probe per org.</summary>
    public static readonly Sql ByIdAnywhere = new($"""
        select d.{DeliverySql.Columns.Replace(", ", ", d.")} from orgs o join deliveries d on d.org_id = o.org_id and d.id = @id
        """);

    /// <summary>Lists, newest first: of an org, of one of its accounts or SIMs; each by its own index.</summary>
    public static readonly Sql OfOrg = new($"""
        select {DeliverySql.Columns} from deliveries where org_id = @org_id and id < @before and id >= @since {Matching}
        order by id desc limit @limit
        """);

    public static readonly Sql OfAccount = new($"""
        select {DeliverySql.Columns} from deliveries where org_id = @org_id and id < @before and id >= @since {Matching}
          and account_id = @account_id order by id desc limit @limit
        """);

    public static readonly Sql OfSim = new($"""
        select {DeliverySql.Columns} from deliveries where org_id = @org_id and id < @before and id >= @since {Matching}
          and sim_id = @sim_id order by id desc limit @limit
        """);

    /// <summary>What is to be sent again, oldest first.</summary>
    public static readonly Sql Range = new($"select {DeliverySql.Columns} from deliveries where org_id = @org_id and {InRange}");

    public static readonly Sql RangeOfState = new(
        $"select {DeliverySql.Columns} from deliveries where org_id = @org_id and state = @state and {InRange}");

    /// <summary>What came after a delivery, oldest first, with its keys.</summary>
    public static readonly Sql Newer = new($"{Keyed} where d.org_id = @org_id and d.id > @after order by d.id limit @limit");

    public static readonly Sql NewerOfAccount = new(
        $"{Keyed} where d.org_id = @org_id and d.account_id = @account_id and d.id > @after order by d.id limit @limit");

    public static readonly Sql Newest = new("select id from deliveries where org_id = @org_id order by id desc limit 1");

    public static readonly Sql Attempts = new("""
        select number, at, status, latency_ms, answer, error from attempts where org_id = @org_id and delivery_id = @delivery_id
        order by number limit @limit
        """);

    public static DeliveryAttempt ReadAttempt(Row row) => new(
        (int)row.Number(0), row.Time(1), (int?)row.NumberOrNull(2), (int)row.Number(3), row.TextOrNull(4), row.TextOrNull(5));

    public static Outgoing ReadKeyed(Row row) => new(DeliverySql.Read(row), row.Bytes(12), row.BytesOrNull(13));
}
