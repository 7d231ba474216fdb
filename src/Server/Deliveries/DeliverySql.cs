using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>The statements on deliveries and their attempts.</summary>
internal static class DeliverySql
{
    public const string Table = "deliveries";

    private const string Columns =
        "org_id, id, account_id, sim_id, kind, url, method, body, state, attempts, endpoint_id, message_id, dialect";

    /// <summary>The number of columns that <see cref="Read"/> reads.</summary>
    public static readonly int ColumnCount = Columns.Split(',').Length;

    public static readonly Sql Insert = new($"""
        insert into deliveries ({Columns}, receiver)
        values (@org_id, @id, @account_id, @sim_id, @kind, @url, @method, @body, @state, @attempts, @endpoint_id, @message_id, @dialect,
          @receiver)
        """);

    public static readonly Sql ById = new($"select {Columns} from deliveries where org_id = @org_id and id = @id");

    /// <summary>The most deliveries that one <see cref="With"/> reads.</summary>
    public const int WithMax = 32;

    /// <summary>
    /// Reads deliveries, <c>d</c>, with their accounts, <c>a</c>, and the columns that messengers need. Deliveries of a deleted account are
    /// left out. It takes <see cref="WithMax"/> ids; if there are fewer, one of them is repeated.
    /// </summary>
    public static Sql With(IEnumerable<Joined> along) => new($"""
        select d.{Columns.Replace(", ", ", d.")}{string.Concat(along.SelectMany(joined => joined.Columns).Select(column => ", " + column))}
        from deliveries d join accounts a on a.org_id = d.org_id and a.id = d.account_id
          {string.Join(' ', along.Select(joined => joined.Joins))}
        where d.org_id = @org_id and d.id in ({string.Join(", ", Enumerable.Range(0, WithMax).Select(i => $"@id_{i}"))})
        """);

    /// <summary>Finds a delivery of any org, for operators: one index probe per org.</summary>
    public static readonly Sql ByIdAnywhere = new($"""
        select d.{Columns.Replace(", ", ", d.")} from orgs o cross join deliveries d where d.org_id = o.org_id and d.id = @id
        """);

    private const string Matching = """
        (@any_kind = 1 or kind = @kind) and (@any_state = 1 or state = @with_state)
          and (@any_endpoint = 1 or endpoint_id = @with_endpoint) and (@any_account = 1 or account_id = @with_account)
        """;

    /// <summary>Lists of an org: of all, of a state, an endpoint, an account or a SIM. Each is tested for the other filters.</summary>
    public static readonly ListIndex
        OfOrg = ListOf("", ""), OfState = ListOf("deliveries_state", "state"),
        OfEndpoint = ListOf("deliveries_of_endpoint", "endpoint_id", "endpoint_id is not null"),
        OfAccount = ListOf("deliveries_account", "account_id"), OfSim = ListOf("deliveries_sim", "sim_id");

    private const string Chosen =
        "(@any_account = 1 or account_id = @account_id) and (@any_endpoint = 1 or endpoint_id = @endpoint_id)";

    /// <summary>The deliveries that are to be sent again, oldest first.</summary>
    public static readonly Sql Range = new($"""
        select {Columns} from deliveries where org_id = @org_id and id > @after and id < @until and {Chosen} order by id limit @limit
        """);

    /// <summary>
    /// Uses <c>between</c>: with two separate bounds of the id, SQLite would walk the primary key and not the state's own index.
    /// </summary>
    public static readonly Sql RangeOfState = new($"""
        select {Columns} from deliveries where org_id = @org_id and state = @state and id between @after and @until
          and id <> @after and id <> @until and {Chosen} order by id limit @limit
        """);

    /// <summary>The deliveries after a given one, oldest first.</summary>
    public static readonly Sql Newer = new(
        $"select {Columns} from deliveries where org_id = @org_id and id > @after order by id limit @limit");

    public static readonly Sql NewerOfAccount = new($"""
        select {Columns} from deliveries where org_id = @org_id and account_id = @account_id and id > @after order by id limit @limit
        """);

    /// <summary>The ids between two, newest first.</summary>
    public static readonly Sql Between = new("""
        select id from deliveries where org_id = @org_id and id > @after and id < @before
          and (@any_account = 1 or account_id = @account_id) order by id desc limit @limit
        """);

    public static readonly Sql Newest = new("select id from deliveries where org_id = @org_id order by id desc limit 1");

    public static readonly Sql Attempts = new("""
        select number, at, status, latency_ms, answer, error from attempts where org_id = @org_id and delivery_id = @delivery_id
        order by number limit @limit
        """);

    /// <summary>Deliveries that have ended and are older than <c>Deliveries:Keep</c>.</summary>
    public static readonly OldRowsSql Old = OldRowsSql.ById("deliveries", state: "state");

    /// <summary>Deletes the attempts of removed deliveries. Deliveries of another state lie between them and keep theirs.</summary>
    public static readonly Sql RemoveAttempts = new("""
        delete from attempts where org_id = @org_id and delivery_id between @first and @last and delivery_id not in (
          select id from deliveries where org_id = @org_id and id between @first and @last)
        """);

    /// <summary>The number of attempts of a delivery that has not ended, also if its row is broken.</summary>
    public static readonly Sql AttemptsOf = new(
        "select attempts from deliveries where org_id = @org_id and id = @id and state not in ('delivered', 'dead')");

    /// <summary>
    /// Finds the next delivery that may wait for this one, by its own columns, also if the row is broken, with the budget of its job.
    /// </summary>
    public static readonly Sql NextAfter = new("""
        select n.id, n.receiver, n.account_id from deliveries d
        join deliveries n on n.org_id = d.org_id and n.endpoint_id = d.endpoint_id and n.sim_id = d.sim_id and n.url = d.url
        where d.org_id = @org_id and d.id = @id and n.state = 'pending' and n.id <> @id order by n.id limit 1
        """);

    public static readonly Sql Update = new(
        "update deliveries set state = @state, attempts = @attempts where org_id = @org_id and id = @id and attempts = @attempts - 1");

    /// <summary>
    /// Finds the newest pending delivery of a SIM's events to an ordered endpoint, and locks it until the transaction ends. So either the
    /// end of that delivery sees the one that waits for it, or the new one does not wait.
    /// </summary>
    public static readonly Sql HoldNewestPending = new("""
        update deliveries set attempts = attempts where org_id = @org_id and state = 'pending' and id = (
          select id from deliveries where org_id = @org_id and endpoint_id = @endpoint_id and sim_id = @sim_id and state = 'pending'
            and url = @url order by id desc limit 1)
        returning id
        """);

    /// <summary>Finds the next delivery for an ordered endpoint.</summary>
    public static readonly Sql OldestPending = new("""
        select id from deliveries where org_id = @org_id and endpoint_id = @endpoint_id and sim_id = @sim_id and state = 'pending'
          and url = @url order by id limit 1
        """);

    public static readonly Sql InsertAttempt = new("""
        insert into attempts (org_id, delivery_id, number, at, status, latency_ms, answer, error)
        values (@org_id, @delivery_id, @number, @at, @status, @latency_ms, @answer, @error)
        """);

    private static ListIndex ListOf(string name, string column, string condition = "") =>
        new(name, "deliveries", Columns, column, condition, Matching);

    public static object?[] Values(Delivery delivery) =>
    [
        delivery.OrgId, delivery.Id, delivery.AccountId, delivery.SimId, delivery.Kind, delivery.Url, delivery.Method, delivery.Body,
        delivery.State.ToWire(), delivery.Attempts, delivery.EndpointId, delivery.MessageId, delivery.Dialect, delivery.Receiver,
    ];

    public static Delivery Read(Row row) => new(row.Id(0), row.Id(1), row.Id(2), row.Id(3), row.Text(12), row.Text(4), row.Text(5),
        row.Text(6), row.Bytes(7), DeliveryStateNames.Parse(row.Text(8))!.Value, (int)row.Number(9), row.IdOrNull(10), row.IdOrNull(11));

    public static DeliveryAttempt ReadAttempt(Row row) => new(
        (int)row.Number(0), row.Time(1), (int?)row.NumberOrNull(2), (int)row.Number(3), row.TextOrNull(4), row.TextOrNull(5));
}
