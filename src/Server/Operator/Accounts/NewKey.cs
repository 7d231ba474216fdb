using System.ComponentModel.DataAnnotations;
using Simkeeper.Core;
using Simkeeper.Server.Accounts;

namespace Simkeeper.Server.Operator;

/// <summary>The settings of a new key of any kind.</summary>
internal abstract record NewKey
{
    protected NewKey(JsonFields fields)
    {
        Role = fields.OneOf("role", ["read", "write"]) ?? "write";
        Name = fields.Text("name") ?? "";
        ExpiresAt = fields.Time("expiresAt");
        if (Name.Length > Keys.NameMax || Name.Any(char.IsControl))
            fields.Refuse("name", $"name has at most {Keys.NameMax} characters.");
    }

    /// <summary>`write` includes `read`.</summary>
    public string Role { get; }

    /// <summary>For people.</summary>
    [StringLength(Keys.NameMax)]
    public string Name { get; }

    /// <summary>In the future; null or absent means never.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>Makes the key.</summary>
    /// <param name="account">The account it acts for; null for an operator key.</param>
    protected async Task<Answer<CreatedKeyAnswer>> CreateAsync(Keys keys, Account? account, KeyKind kind, TimeProvider wall)
    {
        if (ExpiresAt <= wall.GetUtcNow())
            return new Error(ErrorCode.InvalidValue, "expiresAt is in the past.", "expiresAt");
        var (credential, secret) = await keys.CreateAsync(account, kind, Role == "read", Name, ExpiresAt);
        return new CreatedKeyAnswer(KeyAnswer.Of(kind, credential), secret);
    }
}

/// <summary>A key of an account to be made.</summary>
/// <example>{"kind": "kore", "role": "write", "name": "billing job", "expiresAt": "2027-01-01T00:00:00Z"}</example>
internal sealed record NewAccountKey : NewKey, IReadJson<NewAccountKey>
{
    private NewAccountKey(JsonFields fields) : base(fields) => Kind = fields.Text("kind", required: true) ?? "";

    /// <summary>`gigs`: bearer key; `kore`: Basic with `SK…`; `client`: OAuth2 client credentials.</summary>
    public string Kind { get; }

    public static NewAccountKey Read(JsonFields fields) => new(fields);

    public async Task<Answer<CreatedKeyAnswer>> CreateAsync(Keys keys, KeyKinds kinds, Account account, TimeProvider wall)
    {
        if (kinds.Find(Kind) is { IsOfAccount: true } kind)
            return await CreateAsync(keys, account, kind, wall);
        var words = kinds.All.Where(known => known.IsOfAccount).Select(known => known.Word);
        return new Error(ErrorCode.InvalidValue, $"kind is one of {string.Join(", ", words)}.", "kind");
    }
}

/// <summary>An operator key to be made.</summary>
/// <example>{"role": "read", "name": "dashboard"}</example>
internal sealed record NewOperatorKey : NewKey, IReadJson<NewOperatorKey>
{
    private NewOperatorKey(JsonFields fields) : base(fields) => Kind = fields.OneOf("kind", [OperatorKey.Word]);

    /// <summary>There is one kind.</summary>
    public string? Kind { get; }

    public static NewOperatorKey Read(JsonFields fields) => new(fields);

    public Task<Answer<CreatedKeyAnswer>> CreateAsync(Keys keys, TimeProvider wall) =>
        CreateAsync(keys, null, OperatorKey.Kind, wall);
}
