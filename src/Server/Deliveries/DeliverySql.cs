using Simkeeper.Core;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>One message to one URL, as stored. The body never changes; a GET has none.</summary>
internal sealed record Delivery(
    Guid OrgId, Guid Id, Guid AccountId, Guid SimId, string Kind, string Url, string Method, byte[] Body, string State, int Attempts)
{
    /// <summary>The webhook endpoint; null: a callback.</summary>
    public Guid? EndpointId { get; init; }

    /// <summary>The message, where several deliveries have the same: of one event to several endpoints, or of one sent elsewhere again.</summary>
    public Guid? MessageId { get; init; }

    public string PublicId => Ids.ToGigs("dlv", Id);

    /// <summary>What is the same however often it is sent: <c>webhook-id</c>, or <c>kore-idempotency-token</c>.</summary>
    public string Token =>
        EndpointId is null ? (MessageId ?? Id).ToString() : Ids.ToGigs(Webhooks.MessagePrefix, MessageId!.Value);
}

/// <summary>The statements on deliveries and their attempts.</summary>
internal static class DeliverySql
{
    public const string Columns = "org_id, id, account_id, sim_id, kind, url, method, body, state, attempts, endpoint_id, message_id";

    public static readonly Sql Insert = new($"""
        insert into deliveries ({Columns})
        values (@org_id, @id, @account_id, @sim_id, @kind, @url, @method, @body, @state, @attempts,
          @endpoint_id, @message_id)
        """);

    public static readonly Sql ById = new($"select {Columns} from deliveries where org_id = @org_id and id = @id");

    public static readonly Sql Update = new(
        "update deliveries set state = @state, attempts = @attempts where org_id = @org_id and id = @id and attempts = @attempts - 1");

    /// <summary>
    /// Finds the newest delivery of a SIM's events to an ordered endpoint that is pending, and holds it until the transaction ends: either
    /// whoever ends it sees the one that waits for it, or this one does not wait.
    /// </summary>
    public static readonly Sql HoldNewestPending = new("""
        update deliveries set attempts = attempts where org_id = @org_id and state = 'pending' and id = (
          select id from deliveries where org_id = @org_id and endpoint_id = @endpoint_id and sim_id = @sim_id and state = 'pending'
            and url = @url order by id desc limit 1)
        returning id
        """);

    /// <summary>What is next for an ordered endpoint.</summary>
    public static readonly Sql OldestPending = new("""
        select id from deliveries where org_id = @org_id and endpoint_id = @endpoint_id and sim_id = @sim_id and state = 'pending'
          and url = @url order by id limit 1
        """);

    public static readonly Sql InsertAttempt = new("""
        insert into attempts (org_id, delivery_id, number, at, status, latency_ms, answer, error)
        values (@org_id, @delivery_id, @number, @at, @status, @latency_ms, @answer, @error)
        """);

    public static Delivery Read(Row row) => new(row.Id(0), row.Id(1), row.Id(2), row.Id(3), row.Text(4), row.Text(5), row.Text(6),
        row.Bytes(7), row.Text(8), (int)row.Number(9))
    {
        EndpointId = row.IdOrNull(10),
        MessageId = row.IdOrNull(11),
    };
}
