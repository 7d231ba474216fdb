using System.Globalization;
using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>
/// KORE's webhook secrets API. Unlike the others, it takes JSON bodies beside forms, and has numbered pages and <c>info</c> in errors.
/// </summary>
internal sealed class KoreSecrets(RotateKoreSecrets secrets, KoreSettings settings)
{
    public const string Path = "/v1/secrets";
    private const string IdPrefix = "whs";
    private const int PageSizeDefault = 10;
    private const int PageSizeMax = 100;
    private const int DepthMax = 4;

    public async Task CreateAsync(HttpContext context, Caller caller, string[] path)
    {
        var body = await BodyAsync(context.Request);
        var name = NameOf(body) ?? throw new TwilioException(new TwilioError(20002, 400, "Name is required."));
        var (secret, clear) = await secrets.CreateAsync(caller.Account!, name);
        await WriteAsync(context, 201, secret, clear);
    }

    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = context.Request.QueryParameters().Where(pair => pair.Value.Length > 0).DistinctBy(pair => pair.Key).ToDictionary();
        var size = Math.Min(Number(query, "page_size", PageSizeDefault), PageSizeMax);
        var page = Number(query, "page_number", 1);
        bool? active = query.TryGetValue("status", out var status) ? IsActive(status) : null;
        var all = (await secrets.ListAsync(caller.Account!)).Where(secret => active is null || secret.Active == active).ToList();
        var items = all.Skip((int)Math.Min((page - 1L) * size, int.MaxValue)).Take(size).ToList();
        string Url(int number) =>
            $"{context.Request.PublicUrl(settings.Http)}{Path}?{(status is null ? "" : $"status={status}&")}"
            + $"page_size={size}&page_number={number}";
        await JsonAnswer.WriteAsync(context.Response, 200, 0, (json, _) =>
        {
            json.WriteStartObject();
            json.WriteStartArray("data");
            foreach (var secret in items)
                Write(json, secret);
            json.WriteEndArray();
            json.WriteStartObject("meta_data");
            json.WriteNumber("count", all.Count);
            json.WriteNumber("page_size", size);
            json.WriteNumber("page_number", page);
            if (page > 1)
                json.WriteString("previous_page_url", Url(page - 1));
            if ((long)page * size < all.Count)
                json.WriteString("next_page_url", Url(page + 1));
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    public async Task UpdateAsync(HttpContext context, Caller caller, string[] path)
    {
        if (!Ids.TryParseUlid(IdPrefix, path[0], out var id))
            throw new TwilioException(TwilioError.NotFound(context.Request));
        var body = await BodyAsync(context.Request);
        var name = NameOf(body);
        var status = body.Status is { } given ? IsActive(given) : (bool?)null;
        var updated = await secrets.UpdateAsync(caller.Account!, id, name, status);
        if (updated.Error is { } error)
            throw new TwilioException(KoreErrors.From(error, context.Request));
        await WriteAsync(context, 200, updated.Value);
    }

    /// <summary>The parameters that were sent, each null if it was not.</summary>
    private async Task<(string? Name, string? Status)> BodyAsync(HttpRequest request)
    {
        if (request.HasJsonContentType())
        {
            using var json = await JsonAsync(request);
            return (Text(json.RootElement, "Name"), Text(json.RootElement, "Status"));
        }
        if (!request.HasFormContentType)
        {
            throw new TwilioException(
                new TwilioError(20001, 415, "Send the parameters as application/json or application/x-www-form-urlencoded."));
        }
        var form = await TwilioForm.ReadAsync(request, settings.Dialect with { InvalidValue = 20001 });
        return (form.Text("Name"), form.Given("Status"));
    }

    private async Task<JsonDocument> JsonAsync(HttpRequest request)
    {
        var bytes = await request.BodyAsync(settings.Http.BodyBytesMax);
        JsonDocument? document = null;
        try
        {
            document = Requests.Json(bytes, DepthMax);
        }
        catch (JsonException)
        {
            // The error is given below.
        }
        if (document is { RootElement.ValueKind: JsonValueKind.Object })
            return document;
        document?.Dispose();
        throw new TwilioException(TwilioError.InvalidParameter("The body is a JSON object, each name once."));
    }

    private static string? NameOf((string? Name, string? Status) body)
    {
        var name = body.Name;
        return name is null || (name.Length is >= 1 and <= KoreSecret.NameMax && !name.Any(char.IsControl))
            ? name
            : throw new TwilioException(TwilioError.InvalidParameter($"Name has 1 to {KoreSecret.NameMax} characters."));
    }

    /// <summary>A string, or null when it is absent.</summary>
    private static string? Text(JsonElement body, string name)
    {
        if (!body.TryGetProperty(name, out var value))
            return null;
        try
        {
            if (value.ValueKind == JsonValueKind.String)
                return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is no text.
        }
        throw new TwilioException(TwilioError.InvalidParameter($"{name} is a string of valid Unicode."));
    }

    private static bool IsActive(string status) => status switch
    {
        "active" => true,
        "pending" => false,
        _ => throw new TwilioException(TwilioError.InvalidParameter("The status is active or pending.")),
    };

    private static int Number(Dictionary<string, string> query, string name, int byDefault)
    {
        if (!query.TryGetValue(name, out var text))
            return byDefault;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1
            ? number
            : throw new TwilioException(TwilioError.InvalidParameter($"{name} is a whole number from 1."));
    }

    private static Task WriteAsync(HttpContext context, int status, KoreSecret secret, string? clear = null) => JsonAnswer.WriteSecretAsync(
        context.Response, status, (secret, clear), static (json, answer) => Write(json, answer.secret, answer.clear));

    private static void Write(Utf8JsonWriter json, KoreSecret secret, string? clear = null)
    {
        json.WriteStartObject();
        json.WriteString("id", Ids.ToUlid(IdPrefix, secret.Id));
        json.WriteString("name", secret.Name);
        json.WriteString("status", secret.Status);
        json.WriteString("last_modified", JsonAnswer.Seconds(secret.UpdatedAt));
        if (clear is not null)
            json.WriteString("secret", clear);
        json.WriteEndObject();
    }
}
