using System.Text.Json;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Twilio;

/// <summary>Writes a page of a list: the items under the resource's key, and <c>meta</c> with the URLs of its neighbours.</summary>
internal static class TwilioPage
{
    /// <param name="list">The list's absolute URL, without a query.</param>
    /// <param name="key">The name of the items, <c>sims</c>.</param>
    public static Task WriteAsync<T>(
        HttpResponse response, string list, string key, TwilioQuery query, Page<T> page, Func<T, Guid> id,
        Action<Utf8JsonWriter, T> write) =>
        JsonAnswer.WriteAsync(response, 200, (list, key, query, page, id, write), static (json, answer) =>
        {
            var (list, key, query, page, id, write) = answer;
            json.WriteStartObject();
            json.WriteStartArray(key);
            foreach (var item in page.Items)
                write(json, item);
            json.WriteEndArray();
            json.WriteStartObject("meta");
            json.WriteString("first_page_url", query.Url(list, 0));
            json.WriteString("key", key);
            json.WriteString("next_page_url", page.MoreAfter ? query.Url(list, query.Page + 1L, after: id(page.Items[^1])) : null);
            json.WriteNumber("page", query.Page);
            json.WriteNumber("page_size", query.PageSize);
            json.WriteString("previous_page_url",
                page.MoreBefore ? query.Url(list, Math.Max(0, query.Page - 1), before: id(page.Items[0])) : null);
            json.WriteString("url", query.Url(list, query.Page, query.After, query.Before));
            json.WriteEndObject();
            json.WriteEndObject();
        });

    /// <summary>
    /// Writes a page as the API of 2010-04-01 does: the fields of the page stand beside the items, with URIs relative to its host.
    /// </summary>
    public static Task WriteUrisAsync<T>(
        HttpResponse response, string list, string key, TwilioQuery query, Page<T> page, Func<T, Guid> id,
        Action<Utf8JsonWriter, T> write) =>
        JsonAnswer.WriteAsync(response, 200, (list, key, query, page, id, write), static (json, answer) =>
        {
            var (list, key, query, page, id, write) = answer;
            var start = (long)query.Page * query.PageSize;
            json.WriteStartObject();
            json.WriteStartArray(key);
            foreach (var item in page.Items)
                write(json, item);
            json.WriteEndArray();
            json.WriteNumber("page", query.Page);
            json.WriteNumber("page_size", query.PageSize);
            json.WriteNumber("start", start);
            json.WriteNumber("end", start + Math.Max(0, page.Items.Count - 1));
            json.WriteString("uri", query.Url(list, query.Page, query.After, query.Before));
            json.WriteString("first_page_uri", query.Url(list, 0));
            json.WriteString("next_page_uri", page.MoreAfter ? query.Url(list, query.Page + 1L, after: id(page.Items[^1])) : null);
            json.WriteString("previous_page_uri",
                page.MoreBefore ? query.Url(list, Math.Max(0, query.Page - 1), before: id(page.Items[0])) : null);
            json.WriteEndObject();
        });
}
