using Simkeeper.Core;

namespace Simkeeper.Server.Accounts;

/// <summary>A kind of key. The feature whose door it opens brings it.</summary>
/// <param name="Word">Names the kind on the wire and in the store.</param>
/// <param name="IdPrefix">Begins a key's public id: capitals begin a sid, small letters an id in base62.</param>
/// <param name="SecretPrefix">Begins the secret of a bearer key. Null: id and secret are sent together, as <c>id:secret</c>.</param>
internal sealed record KeyKind(string Word, string IdPrefix, string? SecretPrefix)
{
    /// <summary>
    /// The word of an account's auth token, Basic <c>AC…:token</c>. It is a credential, but no key: nobody lists or revokes it.
    /// </summary>
    public const string TokenWord = "token";

    public const string ClientWord = "client";

    /// <summary>An OAuth2 client.</summary>
    public static readonly KeyKind Client = new(ClientWord, "cli", null)
    {
        Sandbox =
        [
            new("sandbox-client:sandbox-secret", CredentialRole.Write),
            new("sandbox-client-0001:sandbox-secret-000000000000000001", CredentialRole.Write) { Since = 2 },
        ],
    };

    /// <summary>It acts for an account; otherwise it is an operator's.</summary>
    public bool IsOfAccount { get; init; } = true;

    /// <summary>The name, in credentials.json, of the key that a new installation gets. Null: it gets none.</summary>
    public string? FirstKeyName { get; init; }

    /// <summary>The keys that every new sandbox has.</summary>
    public IReadOnlyList<SandboxKey> Sandbox { get; init; } = [];

    private bool HasSid => char.IsAsciiLetterUpper(IdPrefix[0]);

    /// <summary>The name to show in a list, and to log in with if <see cref="SecretPrefix"/> is null.</summary>
    public string PublicId(Guid id) => HasSid ? Ids.ToSid(IdPrefix, id) : Ids.ToBase62(IdPrefix, id);

    public bool TryParseId(string text, out Guid id) =>
        HasSid ? Ids.TryParseSid(IdPrefix, text, out id) : Ids.TryParseBase62(IdPrefix, text, out id);

    public string NewSecret() => SecretPrefix + Accounts.NewSecret();

    /// <summary>The text that a client sends.</summary>
    public string Sent(Guid id, string secret) => SecretPrefix is null ? $"{PublicId(id)}:{secret}" : secret;
}

/// <summary>A key of a new sandbox, which everybody knows.</summary>
/// <param name="Sent">The text that a client sends.</param>
/// <param name="IsOfSubaccount">It acts for the subaccount; otherwise for the master account.</param>
internal sealed record SandboxKey(string Sent, CredentialRole Role, bool IsOfSubaccount = false)
{
    /// <summary>The version of the sandbox that has it first: a sandbox of an earlier version gets it at its next start.</summary>
    public int Since { get; init; } = 1;
}

/// <summary>The kinds of keys that the features bring.</summary>
internal sealed class KeyKinds(IEnumerable<KeyKind> all)
{
    public IReadOnlyList<KeyKind> All { get; } = [.. all];

    /// <summary>The kind of this word; null: there is none.</summary>
    public KeyKind? Find(string word) => All.FirstOrDefault(kind => kind.Word == word);

    /// <summary>The kind of a stored key.</summary>
    /// <exception cref="InvalidOperationException">The feature that brings it is gone.</exception>
    public KeyKind Of(Credential key) => All.First(kind => kind.Word == key.Kind);

    /// <summary>The id behind a public spelling, whatever the kind.</summary>
    public bool TryParseId(string text, out Guid id)
    {
        foreach (var kind in All)
        {
            if (kind.TryParseId(text, out id))
                return true;
        }
        id = default;
        return false;
    }
}
