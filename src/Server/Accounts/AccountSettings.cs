using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Accounts;

/// <summary>Settings of accounts and of the encryption of stored secrets.</summary>
internal sealed class AccountSettings(Settings read)
{
    /// <summary>The fewest characters of a key that wraps the key ring: 16 random letters and digits are 80 bits and more.</summary>
    public const int KeyLengthMin = 16;

    /// <summary>Wraps the key ring. Never log it.</summary>
    public string? SecretsKey { get; } = read.TextOrNull("Secrets:Key",
        "Wraps the key ring that encrypts stored secrets. Without it the embedded store makes `secrets.key` in the data folder; "
        + "PostgreSQL requires it, outside a sandbox.",
        IsKey, $"has at least {KeyLengthMin} characters; give a shorter one of before as Secrets:OldKey");

    /// <summary>The key that wrapped the ring before. Never log it.</summary>
    public string? OldSecretsKey { get; } = read.TextOrNull("Secrets:OldKey",
        "The former `Secrets:Key`, when that is changed: at the start the key ring is wrapped anew. Then take it away.");

    public static bool IsKey(string text) => text.Trim().Length >= KeyLengthMin;

    public long SubaccountsMax { get; } = read.Number("Accounts:SubaccountsMax", 1000, 0, 1_000_000,
        "Subaccounts that a master account may make by itself, closed ones counted.");

    public long KeysMax { get; } = read.Number("Accounts:KeysMax", 1000, 0, 1_000_000,
        "API keys that an account may have made by itself; operators can make more.");

    public long SimsMax { get; } = read.Number("Accounts:SimsMax", 20_000_000, 1, 1_000_000_000,
        "SIMs that one account may have; an import refuses the rows beyond.");

    public long RatePlansMax { get; } = read.Number("Accounts:RatePlansMax", 10_000, 1, 1_000_000,
        "Rate plans that one account may have.");

    public long KeptBytesPerHour { get; } = read.Number("Accounts:KeptBytesPerHour", 4L << 30, 64 * 1024, 1L << 50,
        "Bytes of events, messages and Commands that the requests of one account may add in an hour, on each server; beyond it changes "
        + "get 429 until some of the hour has passed.");

    public long FailuresPerAddress { get; } = read.Number("Accounts:FailuresPerAddress", 600, 1, 1_000_000,
        "Failed log-ins that one address may make a minute, of IPv6 the network of 64 bits; beyond it the answer is 429. Callers who have "
        + "logged in already are let in all the same.");

    public long FailuresPerCredential { get; } = read.Number("Accounts:FailuresPerCredential", 60, 1, 1_000_000,
        "Failed log-ins a minute with one id (an account sid, an `SK…` or a client id), whether there is such an id or not; beyond it the "
        + "answer is 429.");
}
