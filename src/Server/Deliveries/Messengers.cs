using System.Net.Http.Headers;
using System.Text;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>
/// The messengers of all dialects, by name. Reads deliveries with the columns that messengers need, and makes their requests.
/// </summary>
internal sealed class Messengers
{
    private readonly Dictionary<string, (IMessenger Messenger, int Place)> _byDialect = new(StringComparer.Ordinal);
    private readonly Sql _read;

    private readonly SealedUrls _urls;
    private readonly Func<Row, Kept<Outgoing>> _kept;

    public Messengers(IEnumerable<IMessenger> all, SealedUrls urls, BrokenRows broken)
    {
        _urls = urls;
        _kept = broken.Of(DeliverySql.Table, Read);
        var place = DeliverySql.ColumnCount;
        var along = new List<Joined>();
        foreach (var messenger in all)
        {
            _byDialect.Add(messenger.Dialect, (messenger, place));
            along.Add(messenger.ReadsAlong);
            place += messenger.ReadsAlong.Columns.Count;
        }
        _read = DeliverySql.With(along);
    }

    /// <summary>The messenger of a delivery.</summary>
    /// <exception cref="KeyNotFoundException">The program has no such dialect any more.</exception>
    public IMessenger Of(Delivery delivery) => _byDialect[delivery.Dialect].Messenger;

    /// <summary>Reads a delivery and what it is sent with; null: it or its account was deleted.</summary>
    /// <exception cref="Exception">The row is broken.</exception>
    public ValueTask<Outgoing?> ReadAsync(Session session, Guid orgId, Guid id) =>
        session.OneAsync(_read, Read, [orgId, .. Enumerable.Repeat((object?)id, DeliverySql.WithMax)]);

    /// <summary>
    /// Reads deliveries and what they are sent with, in any order. Those that were deleted, or whose rows are broken, are left out.
    /// </summary>
    public async ValueTask<List<Outgoing>> ReadAsync(Session session, Guid orgId, IReadOnlyList<Guid> ids)
    {
        var found = new List<Outgoing>(ids.Count);
        var values = new object?[1 + DeliverySql.WithMax];
        values[0] = orgId;
        for (var first = 0; first < ids.Count; first += DeliverySql.WithMax)
        {
            for (var i = 0; i < DeliverySql.WithMax; i++)
                values[1 + i] = ids[Math.Min(first + i, ids.Count - 1)];
            foreach (var kept in await session.ListAsync(_read, _kept, values))
            {
                if (kept.Row is { } outgoing)
                    found.Add(outgoing);
            }
        }
        return found;
    }

    /// <summary>
    /// The URL of a delivery as operators see it. The password before the @, or a name that stands there alone, is the receiver's secret.
    /// The query of a GET is the message, which may be a Command's text.
    /// </summary>
    public string ShownUrl(Delivery delivery)
    {
        var url = SealedUrls.Shown(_urls.OpenOrHidden(delivery.Url));
        return delivery.Method == "GET" ? url.Split('?')[0] : url;
    }

    /// <summary>
    /// Makes the request of a delivery. The part of its URL before the @ is sent as Basic credentials (RFC 7617), and nowhere else.
    /// </summary>
    /// <param name="at">The time of sending. Wall clock.</param>
    /// <exception cref="UriFormatException">The URL cannot be sent. The message does not show it.</exception>
    public HttpRequestMessage Build(Outgoing outgoing, DateTimeOffset at)
    {
        var delivery = outgoing.Delivery;
        if (ReceiverUrl.Read(outgoing.Url) is not var (url, credentials))
            throw new UriFormatException("The URL cannot be sent.");
        var request = new HttpRequestMessage(delivery.Method == "GET" ? HttpMethod.Get : HttpMethod.Post, url);
        if (credentials is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials.Contains(':') ? credentials : credentials + ":")));
        }
        request.Headers.TryAddWithoutValidation("user-agent", "Simkeeper/0.1");
        Of(delivery).Write(request, outgoing, at);
        return request;
    }

    private Outgoing Read(Row row)
    {
        var delivery = DeliverySql.Read(row);
        var (messenger, place) = _byDialect[delivery.Dialect];
        return new Outgoing(delivery, _urls.Open(delivery.Url), messenger.ReadsAlong.Read(row, place));
    }
}

/// <summary>Writes the bodies of messages.</summary>
internal static class MessageBody
{
    public static void SetBody(this HttpRequestMessage request, byte[] body, string contentType)
    {
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.TryAddWithoutValidation("content-type", contentType);
    }
}
