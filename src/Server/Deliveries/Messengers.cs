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

    public Messengers(IEnumerable<IMessenger> all)
    {
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
    public async ValueTask<Outgoing?> ReadAsync(Session session, Guid orgId, Guid id) =>
        (await ReadAsync(session, orgId, [id])).FirstOrDefault();

    /// <summary>Reads deliveries and what they are sent with, in any order. Those that were deleted are left out.</summary>
    public async ValueTask<List<Outgoing>> ReadAsync(Session session, Guid orgId, IReadOnlyList<Guid> ids)
    {
        var found = new List<Outgoing>(ids.Count);
        var values = new object?[1 + DeliverySql.WithMax];
        values[0] = orgId;
        for (var first = 0; first < ids.Count; first += DeliverySql.WithMax)
        {
            for (var i = 0; i < DeliverySql.WithMax; i++)
                values[1 + i] = ids[Math.Min(first + i, ids.Count - 1)];
            found.AddRange(await session.ListAsync(_read, Read, values));
        }
        return found;
    }

    /// <summary>
    /// Makes the request of a delivery. The part of its URL before the @ is sent as Basic credentials (RFC 7617), and nowhere else.
    /// </summary>
    /// <param name="at">The time of sending. Wall clock.</param>
    public HttpRequestMessage Build(Outgoing outgoing, DateTimeOffset at)
    {
        var delivery = outgoing.Delivery;
        var url = new Uri(delivery.Url);
        var request = new HttpRequestMessage(delivery.Method == "GET" ? HttpMethod.Get : HttpMethod.Post, url);
        if (url.UserInfo.Length > 0)
            Authorize(request, url);
        request.Headers.TryAddWithoutValidation("user-agent", "Simkeeper/0.1");
        Of(delivery).Write(request, outgoing, at);
        return request;
    }

    private Outgoing Read(Row row)
    {
        var delivery = DeliverySql.Read(row);
        var (messenger, place) = _byDialect[delivery.Dialect];
        return new Outgoing(delivery, messenger.ReadsAlong.Read(row, place));
    }

    private static void Authorize(HttpRequestMessage request, Uri url)
    {
        var credentials = Uri.UnescapeDataString(url.UserInfo);
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials.Contains(':') ? credentials : credentials + ":")));
        request.RequestUri = new Uri(url.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped));
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
