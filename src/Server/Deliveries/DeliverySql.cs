using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>One message to one URL, as stored. The body never changes; a GET has none.</summary>
internal sealed record Delivery(
    Guid OrgId, Guid Id, Guid AccountId, Guid SimId, string Kind, string Url, string Method, byte[] Body, string State, int Attempts);

/// <summary>The statements on deliveries and their attempts.</summary>
internal static class DeliverySql
{
    private const string Columns = "org_id, id, account_id, sim_id, kind, url, method, body, state, attempts";

    public static readonly Sql Insert = new($"""
        insert into deliveries ({Columns})
        values (@org_id, @id, @account_id, @sim_id, @kind, @url, @method, @body, @state, @attempts)
        """);

    public static readonly Sql ById = new($"select {Columns} from deliveries where org_id = @org_id and id = @id");

    public static readonly Sql Update = new(
        "update deliveries set state = @state, attempts = @attempts where org_id = @org_id and id = @id and attempts = @attempts - 1");

    public static readonly Sql InsertAttempt = new("""
        insert into attempts (org_id, delivery_id, number, at, status, latency_ms, answer, error)
        values (@org_id, @delivery_id, @number, @at, @status, @latency_ms, @answer, @error)
        """);

    public static Delivery Read(Row row) => new(row.Id(0), row.Id(1), row.Id(2), row.Id(3), row.Text(4), row.Text(5), row.Text(6),
        row.Bytes(7), row.Text(8), (int)row.Number(9));
}
