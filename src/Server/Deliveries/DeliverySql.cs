using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>One message to one URL, as stored. The body never changes; a GET has none.</summary>
/// <param name="Kind">What it is, and so how its request looks: <c>callback</c> (KORE) or <c>webhook</c> (Gigs).</param>
/// <param name="EndpointId">The webhook endpoint; null: a callback.</param>
/// <param name="MessageId">What the deliveries of one event to several endpoints share.</param>
internal sealed record Delivery(
    Guid OrgId, Guid Id, Guid AccountId, Guid SimId, string Kind, string Url, string Method, byte[] Body, string State, int Attempts,
    Guid? EndpointId = null, Guid? MessageId = null)
{
    public const string Callback = "callback", Webhook = "webhook";

    /// <summary>Whom it goes to: scheme, host and port. One receiver's trouble is its own.</summary>
    public string Receiver => Uri.TryCreate(Url, UriKind.Absolute, out var url)
        ? url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)
        : "";
}

/// <summary>A delivery with what its request is signed with, as sealed in the store.</summary>
/// <param name="AuthToken">The account's.</param>
/// <param name="KoreSecret">The account's newest active webhook secret, if it has one.</param>
internal sealed record Outgoing(Delivery Delivery, byte[] AuthToken, byte[]? KoreSecret);

/// <summary>The statements on deliveries and their attempts.</summary>
internal static class DeliverySql
{
    private const string Columns = "org_id, id, account_id, sim_id, kind, url, method, body, state, attempts, endpoint_id, message_id";

    public static readonly Sql Insert = new($"""
        insert into deliveries ({Columns}, receiver)
        values (@org_id, @id, @account_id, @sim_id, @kind, @url, @method, @body, @state, @attempts, @endpoint_id, @message_id, @receiver)
        """);

    public static readonly Sql ById = new($"select {Columns} from deliveries where org_id = @org_id and id = @id");

    /// <summary>A delivery and its keys; none if it is not pending, or its account is gone.</summary>
    public static readonly Sql ToSend = new("""
        select d.org_id, d.id, d.account_id, d.sim_id, d.kind, d.url, d.method, d.body, d.state, d.attempts, d.endpoint_id, d.message_id,
          a.sealed_auth_token,
          (select s.sealed_secret from webhook_secrets s where s.org_id = d.org_id and s.account_id = d.account_id and s.status = 'active'
           order by s.id desc limit 1)
        from deliveries d join accounts a on a.org_id = d.org_id and a.id = d.account_id
        where d.org_id = @org_id and d.id = @id and d.state = 'pending'
        """);

    public static readonly Sql Update = new(
        "update deliveries set state = @state, attempts = @attempts where org_id = @org_id and id = @id and attempts = @attempts - 1");

    public static readonly Sql InsertAttempt = new("""
        insert into attempts (org_id, delivery_id, number, at, status, latency_ms, answer, error)
        values (@org_id, @delivery_id, @number, @at, @status, @latency_ms, @answer, @error)
        """);

    public static string Name(DeliveryState state) => state switch
    {
        DeliveryState.Pending => "pending",
        DeliveryState.Delivered => "delivered",
        DeliveryState.Dead => "dead",
    };

    public static Delivery Read(Row row) => new(row.Id(0), row.Id(1), row.Id(2), row.Id(3), row.Text(4), row.Text(5), row.Text(6),
        row.Bytes(7), row.Text(8), (int)row.Number(9), row.IdOrNull(10), row.IdOrNull(11));

    public static Outgoing ReadToSend(Row row) => new(Read(row), row.Bytes(12), row.BytesOrNull(13));
}
