using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>Accounts, their keys, and operator keys.</summary>
internal sealed class OperatorAccounts(Accounts.Accounts accounts, Keys keys, HttpSettings settings, TimeProvider wall)
{
    public async Task CreateAsync(HttpContext context, Caller caller, string[] path)
    {
        var body = await OperatorBody.ReadAsync(context.Request, settings, "name", "project", "parent");
        Guid? parent = null;
        if (body.Text("parent") is { } sid)
        {
            parent = Ids.TryParseSid("AC", sid, out var id)
                ? id
                : throw new ProblemException(Problem.Invalid("parent", "parent is the sid of a master account, AC and 32 hex digits."));
        }
        var created = await accounts.CreateAsync(body.Required("name"), body.Required("project"), parent);
        if (created.Error is { } error)
            throw new ProblemException(Problem.From(error));
        var (account, token) = created.Value;
        await JsonAnswer.WriteAsync(context.Response, 201, (account, token), static (json, created) => Write(json, created.account, created.token));
    }

    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new OperatorQuery(context.Request);
        var items = await accounts.ListAsync(query.After ?? Guid.Empty, query.Limit + 1);
        await OperatorPage.WriteAsync(context.Response, items, query.Limit, account => account.Id, (json, account) => Write(json, account));
    }

    public async Task GetAsync(HttpContext context, Caller caller, string[] path)
    {
        var account = await FindAsync(accounts, path[0]);
        await JsonAnswer.WriteAsync(context.Response, 200, account, static (json, account) => Write(json, account));
    }

    public async Task CreateKeyAsync(HttpContext context, Caller caller, string[] path)
    {
        var account = await FindAsync(accounts, path[0]);
        RefuseClosed(account);
        var body = await OperatorBody.ReadAsync(context.Request, settings, "kind", "role", "expiresAt", "name");
        var kind = body.OneOf("kind", "gigs", "kore", "client") ?? throw new ProblemException(Problem.Missing("kind"));
        await CreateKeyAsync(context, account, Enum.Parse<CredentialKind>(kind, ignoreCase: true), body);
    }

    public async Task CreateOperatorKeyAsync(HttpContext context, Caller caller, string[] path)
    {
        var body = await OperatorBody.ReadAsync(context.Request, settings, "kind", "role", "expiresAt", "name");
        _ = body.OneOf("kind", "operator");
        await CreateKeyAsync(context, null, CredentialKind.Operator, body);
    }

    public async Task ListKeysAsync(HttpContext context, Caller caller, string[] path) =>
        await ListKeysAsync(context, await FindAsync(accounts, path[0]));

    public Task ListOperatorKeysAsync(HttpContext context, Caller caller, string[] path) => ListKeysAsync(context, null);

    public async Task RevokeKeyAsync(HttpContext context, Caller caller, string[] path) =>
        await RevokeAsync(context, await FindAsync(accounts, path[0]), path[1]);

    public Task RevokeOperatorKeyAsync(HttpContext context, Caller caller, string[] path) => RevokeAsync(context, null, path[0]);

    /// <summary>The account of a sid, or 404.</summary>
    public static async Task<Account> FindAsync(Accounts.Accounts accounts, string sid) =>
        (Ids.TryParseSid("AC", sid, out var id) ? await accounts.FindAsync(id) : null)
        ?? throw new ProblemException(Problem.NotFound("The account"));

    /// <summary>409 for an account that is closed.</summary>
    public static void RefuseClosed(Account account)
    {
        if (account.Status == AccountStatus.Closed)
            throw new ProblemException(Problem.From(new Error(ErrorCode.StateForbids, "The account is closed.")));
    }

    private async Task CreateKeyAsync(HttpContext context, Account? account, CredentialKind kind, OperatorBody body)
    {
        var readOnly = body.OneOf("role", "read", "write") == "read";
        var name = body.Text("name") ?? "";
        if (name.Length > Keys.NameMax || name.Any(char.IsControl))
            throw new ProblemException(Problem.Invalid("name", $"name has at most {Keys.NameMax} characters."));
        var expiresAt = body.Time("expiresAt");
        if (expiresAt <= wall.GetUtcNow())
            throw new ProblemException(Problem.Invalid("expiresAt", "expiresAt is in the past."));
        var (credential, secret) = await keys.CreateAsync(account, kind, readOnly, name, expiresAt);
        await JsonAnswer.WriteAsync(context.Response, 201, (credential, secret), static (json, key) => Write(json, key.credential, key.secret));
    }

    private async Task ListKeysAsync(HttpContext context, Account? account)
    {
        var query = new OperatorQuery(context.Request);
        var items = await keys.ListAsync(account, query.After ?? Guid.Empty, query.Limit + 1);
        await OperatorPage.WriteAsync(context.Response, items, query.Limit, key => key.Id, (json, key) => Write(json, key));
    }

    private async Task RevokeAsync(HttpContext context, Account? account, string keyId)
    {
        if (!Keys.TryParseId(keyId, out var id) || !await keys.RevokeAsync(account, id))
            throw new ProblemException(Problem.NotFound("The key"));
        context.Response.StatusCode = 204;
    }

    private static void Write(Utf8JsonWriter json, Account account, string? authToken = null)
    {
        json.WriteStartObject();
        json.WriteString("sid", account.Sid);
        json.WriteString("name", account.Name);
        json.WriteString("project", account.Project);
        json.WriteString("parent", account.ParentId is { } parent ? Ids.ToSid("AC", parent) : null);
        json.WriteString("status", AccountSql.Name(account.Status));
        json.WriteString("createdAt", JsonAnswer.Milliseconds(account.CreatedAt));
        if (authToken is not null)
            json.WriteString("authToken", authToken);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Credential key, string? secret = null)
    {
        json.WriteStartObject();
        json.WriteString("id", Keys.PublicId(key));
        json.WriteString("kind", key.Kind.ToString().ToLowerInvariant());
        json.WriteString("role", key.Role);
        json.WriteString("name", key.Name);
        json.WriteString("expiresAt", key.ExpiresAt is { } at ? JsonAnswer.Milliseconds(at) : null);
        json.WriteString("createdAt", JsonAnswer.Milliseconds(key.CreatedAt));
        if (secret is not null)
            json.WriteString("secret", secret);
        json.WriteEndObject();
    }
}
