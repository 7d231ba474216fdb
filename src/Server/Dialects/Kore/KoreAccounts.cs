using System.Globalization;
using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>The Account resource (Twilio API 2010-04-01): a master account and its subaccounts.</summary>
internal sealed class KoreAccounts(
    Accounts.Accounts accounts, UpdateAccount update, SimClock clock, KoreSettings settings, AccountSettings limits)
{
    private const string List = "/2010-04-01/Accounts.json";

    public async Task CreateAsync(HttpContext context, Caller caller, string[] path)
    {
        if (!caller.IsMaster)
            throw new TwilioException(TwilioError.MasterOnly);
        var form = await TwilioForm.ReadAsync(context.Request, settings.Dialect);
        var name = form.Given("FriendlyName") is { } given ? NameOf(given) : DefaultName(clock.Now);
        var created = await accounts.CreateAsync(name, null, caller.AccountId, limits.SubaccountsMax);
        if (created.Error is { } error)
            throw new TwilioException(KoreErrors.From(error, context.Request));
        var (account, token) = created.Value;
        await WriteAsync(context, 201, account, token);
    }

    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new TwilioQuery(context.Request, settings.Dialect, "FriendlyName", "Status");
        var status = query.Given("Status") is { } given ? StatusOf(given).ToWire() : "";
        var page = await accounts.PageAsync(caller, query.Given("FriendlyName") ?? "", status, query.After, query.Before, query.PageSize);
        await TwilioPage.WriteUrisAsync(context.Response, List, "accounts", query, page, account => account.Id,
            (json, account) => Write(json, account, TokenFor(caller, account)));
    }

    public async Task FetchAsync(HttpContext context, Caller caller, string[] path)
    {
        var id = IdOf(context, caller, path[0]);
        var account = await accounts.FindAsync(id);
        if (account?.OrgId != caller.OrgId)
            throw new TwilioException(TwilioError.NotFound(context.Request));
        await WriteAsync(context, 200, account, TokenFor(caller, account));
    }

    public async Task UpdateAsync(HttpContext context, Caller caller, string[] path)
    {
        var id = IdOf(context, caller, path[0]);
        var form = await TwilioForm.ReadAsync(context.Request, settings.Dialect);
        var name = form.Text("FriendlyName") is { } given ? NameOf(given) : null;
        var status = form.Given("Status") is { } word ? StatusOf(word) : (AccountStatus?)null;
        if (status is not null && !caller.IsMaster)
            throw new TwilioException(TwilioError.MasterOnly);
        var updated = await update.RunAsync(caller.OrgId, id, name, status);
        if (updated.Error is { } error)
            throw new TwilioException(KoreErrors.From(error, context.Request));
        await WriteAsync(context, 200, updated.Value, TokenFor(caller, updated.Value));
    }

    /// <summary>
    /// The account with this sid, if it is the caller's own or the caller is a master. A subaccount learns nothing about others.
    /// </summary>
    public static Guid IdOf(HttpContext context, Caller caller, string sid)
    {
        if (!Ids.TryParseSid("AC", sid, out var id))
            throw new TwilioException(TwilioError.NotFound(context.Request));
        return caller.IsMaster || id == caller.AccountId ? id : throw new TwilioException(TwilioError.MasterOnly);
    }

    /// <summary>The account's auth token, for a caller that used one; else null. A key must not reveal a token that outlives it.</summary>
    private string? TokenFor(Caller caller, Account account) =>
        caller.Kind == KeyKind.TokenWord ? accounts.AuthToken(account) : null;

    private static string NameOf(string text) =>
        text.Length is >= 1 and <= Accounts.Accounts.NameMax && !text.Any(c => char.IsControl(c) || c == '\uFFFD')
            ? text
            : throw new TwilioException(TwilioError.InvalidParameter(
                $"FriendlyName has 1 to {Accounts.Accounts.NameMax} characters of valid UTF-8."));

    private static AccountStatus StatusOf(string text) => text switch
    {
        "active" => AccountStatus.Active,
        "suspended" => AccountStatus.Suspended,
        "closed" => AccountStatus.Closed,
        _ => throw new TwilioException(TwilioError.InvalidParameter("Status is active, suspended or closed.")),
    };

    private static string DefaultName(DateTimeOffset now) =>
        "SubAccount Created at " + now.UtcDateTime.ToString("yyyy-MM-dd hh:mm tt", CultureInfo.InvariantCulture).ToLowerInvariant();

    /// <summary>RFC 2822, as this version of the API writes times.</summary>
    public static string Rfc2822(DateTimeOffset time) =>
        time.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture);

    private static Task WriteAsync(HttpContext context, int status, Account account, string? token) => JsonAnswer.WriteSecretAsync(
        context.Response, status, (account, token), static (json, answer) => Write(json, answer.account, answer.token));

    private static void Write(Utf8JsonWriter json, Account account, string? token)
    {
        json.WriteStartObject();
        json.WriteString("sid", account.Sid);
        json.WriteString("owner_account_sid", Ids.ToSid("AC", account.ParentId ?? account.Id));
        json.WriteString("friendly_name", account.Name);
        json.WriteString("status", account.Status.ToWire());
        json.WriteString("type", "Full");
        json.WriteString("auth_token", token);
        json.WriteString("date_created", Rfc2822(account.CreatedAt));
        json.WriteString("date_updated", Rfc2822(account.UpdatedAt));
        json.WriteString("uri", $"/2010-04-01/Accounts/{account.Sid}.json");
        json.WriteStartObject("subresource_uris");
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
