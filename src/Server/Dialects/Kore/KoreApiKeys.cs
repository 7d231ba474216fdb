using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>
/// The Key resource (Twilio API 2010-04-01): an account's API keys, made, listed, renamed and revoked. An auth token is needed: a key must
/// not make a key that outlives it.
/// </summary>
internal sealed class KoreApiKeys(Accounts.Accounts accounts, Keys keys, KoreSettings settings, AccountSettings limits)
{
    public const string Path = "/2010-04-01/Accounts/{AccountSid}/Keys";

    public async Task CreateAsync(HttpContext context, Caller caller, string[] path)
    {
        var account = await AccountAsync(context, caller, path[0]);
        var name = await NameAsync(context) ?? "";
        if (account.Status == AccountStatus.Closed)
            throw new TwilioException(new TwilioError(20409, 409, "The account is closed and gets no keys."));
        var created = await keys.CreateAsync(account, KoreKey.Kind, name, limits.KeysMax);
        if (created.Error is { } error)
            throw new TwilioException(KoreErrors.From(error, context.Request));
        var (key, secret) = created.Value;
        await WriteAsync(context, 201, key, secret);
    }

    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new TwilioQuery(context.Request, settings.Dialect);
        var account = await AccountAsync(context, caller, path[0]);
        var page = await keys.PageAsync(account, KoreKey.Kind, query.After, query.Before, query.PageSize);
        await TwilioPage.WriteUrisAsync(context.Response, $"/2010-04-01/Accounts/{account.Sid}/Keys.json", "keys", query, page,
            key => key.Id, (json, key) => Write(json, key, null));
    }

    public async Task FetchAsync(HttpContext context, Caller caller, string[] path)
    {
        var account = await AccountAsync(context, caller, path[0]);
        var key = await keys.FindAsync(account, KoreKey.Kind, IdOf(context, path[1]))
            ?? throw new TwilioException(TwilioError.NotFound(context.Request));
        await WriteAsync(context, 200, key);
    }

    public async Task UpdateAsync(HttpContext context, Caller caller, string[] path)
    {
        var account = await AccountAsync(context, caller, path[0]);
        var name = await NameAsync(context);
        var key = await keys.RenameAsync(account, KoreKey.Kind, IdOf(context, path[1]), name)
            ?? throw new TwilioException(TwilioError.NotFound(context.Request));
        await WriteAsync(context, 200, key);
    }

    public async Task DeleteAsync(HttpContext context, Caller caller, string[] path)
    {
        var account = await AccountAsync(context, caller, path[0]);
        var id = IdOf(context, path[1]);
        if (await keys.FindAsync(account, KoreKey.Kind, id) is null || !await keys.RevokeAsync(account, id))
            throw new TwilioException(TwilioError.NotFound(context.Request));
        context.Response.StatusCode = 204;
    }

    /// <summary>The account of the path: the caller's own or, for a master, a subaccount.</summary>
    private async ValueTask<Account> AccountAsync(HttpContext context, Caller caller, string sid)
    {
        if (caller.Kind != KeyKind.TokenWord)
            throw new TwilioException(TwilioError.TokenOnly);
        var account = await accounts.FindAsync(KoreAccounts.IdOf(context, caller, sid));
        return account?.OrgId == caller.OrgId ? account : throw new TwilioException(TwilioError.NotFound(context.Request));
    }

    private static Guid IdOf(HttpContext context, string sid) => KoreKey.Kind.TryParseId(sid, out var id)
        ? id
        : throw new TwilioException(TwilioError.NotFound(context.Request));

    /// <summary>The name that was sent; null: none was.</summary>
    private async Task<string?> NameAsync(HttpContext context)
    {
        var name = (await TwilioForm.ReadAsync(context.Request, settings.Dialect)).Text("FriendlyName");
        return name is null || (name.Length <= Keys.NameMax && !name.Any(c => char.IsControl(c) || c == '\uFFFD'))
            ? name
            : throw new TwilioException(TwilioError.InvalidParameter(
                $"FriendlyName has at most {Keys.NameMax} characters of valid UTF-8."));
    }

    private static Task WriteAsync(HttpContext context, int status, Credential key, string? secret = null) => JsonAnswer.WriteSecretAsync(
        context.Response, status, (key, secret), static (json, answer) => Write(json, answer.key, answer.secret));

    private static void Write(Utf8JsonWriter json, Credential key, string? secret)
    {
        json.WriteStartObject();
        json.WriteString("sid", Ids.ToSid(KoreKey.Kind.IdPrefix, key.Id));
        json.WriteString("friendly_name", key.Name);
        json.WriteString("date_created", KoreAccounts.Rfc2822(key.CreatedAt));
        json.WriteString("date_updated", KoreAccounts.Rfc2822(key.UpdatedAt ?? key.CreatedAt));
        if (secret is not null)
            json.WriteString("secret", secret);
        json.WriteEndObject();
    }
}
