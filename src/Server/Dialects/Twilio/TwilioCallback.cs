using System.Security.Cryptography;
using System.Text;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Twilio;

/// <summary>
/// Makes callbacks as Twilio does: an HTML form, as the body of a POST or in the query of a GET, with Twilio's signature.
/// </summary>
public static class TwilioCallback
{
    private const string ContentType = "application/x-www-form-urlencoded";

    /// <summary>Writes a callback that is to be delivered, in the transaction of its change.</summary>
    internal static ValueTask PutAsync(
        Session session, Guid id, (Guid Org, Guid Account, Guid Sim) of, Callback to, string form, DateTimeOffset now, SealedUrls urls) =>
        Outbox.PutAsync(session, new Delivery(of.Org, id, of.Account, of.Sim, to.Dialect, Delivery.Callback, Target(to, form, urls),
            to.Method, to.Method == "GET" ? [] : Encoding.UTF8.GetBytes(form)), now);

    /// <summary>Adds the body and Twilio's signature to the request of a callback.</summary>
    internal static void Write(HttpRequestMessage request, Outgoing outgoing, string authToken)
    {
        var delivery = outgoing.Delivery;
        if (delivery.Method == "POST")
            request.SetBody(delivery.Body, ContentType);
        request.Headers.TryAddWithoutValidation(
            TwilioSignature.Header, TwilioSignature.Of(authToken, outgoing.Url, Parameters(delivery.Body)));
    }

    /// <summary>Encodes parameters as a form, without those that have no value.</summary>
    public static string Form(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var form = new StringBuilder();
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
                form.Append(form.Length == 0 ? "" : "&").Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
        return form.ToString();
    }

    /// <summary>The parameters of a form that <see cref="Form"/> made, decoded.</summary>
    public static List<KeyValuePair<string, string>> Parameters(ReadOnlySpan<byte> form)
    {
        var parameters = new List<KeyValuePair<string, string>>();
        if (form.Length == 0)
            return parameters;
        foreach (var pair in Encoding.UTF8.GetString(form).Split('&'))
        {
            var (name, value) = pair.IndexOf('=') is >= 0 and var at ? (pair[..at], pair[(at + 1)..]) : (pair, "");
            parameters.Add(KeyValuePair.Create(name, Uri.UnescapeDataString(value)));
        }
        return parameters;
    }

    /// <summary>
    /// The URL of a callback that is sent again to another receiver. For a GET the message is in the query, so the query goes along.
    /// </summary>
    internal static string Elsewhere(Outgoing outgoing, string to)
    {
        var url = ReceiverUrl.Canonical(to) ?? to;
        var query = outgoing.Delivery.Method == "GET" && outgoing.Url.IndexOf('?') is >= 0 and var at ? outgoing.Url[(at + 1)..] : "";
        return query.Length == 0 ? url : WithQuery(url, query);
    }

    /// <summary>
    /// The URL as a receiver sees it, in the form in which it is stored; for a GET, with the form added to its query. A URL that was stored
    /// in a form that cannot be sent stays as it is: its attempts fail, and the change of the SIM does not.
    /// </summary>
    private static string Target(Callback to, string form, SealedUrls urls)
    {
        try
        {
            var url = urls.Open(to.Url);
            var canonical = ReceiverUrl.Canonical(url) ?? url;
            var target = to.Method == "GET" ? WithQuery(canonical, form) : canonical;
            return SealedUrls.HasSecret(url) ? urls.Seal(target) : target;
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return to.Url;
        }
    }

    private static string WithQuery(string url, string query) => $"{url}{(url.Contains('?') ? '&' : '?')}{query}";
}
