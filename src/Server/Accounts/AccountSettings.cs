using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Accounts;

/// <summary>Settings of accounts and of the encryption of stored secrets.</summary>
internal sealed class AccountSettings(Settings read)
{
    /// <summary>Wraps the key ring. Never log it.</summary>
    public string? SecretsKey { get; } = read.TextOrNull("Secrets:Key",
        "Wraps the key ring that encrypts stored secrets. Without it the embedded store makes `secrets.key` in the data folder; "
        + "PostgreSQL requires it, outside a sandbox.");

    /// <summary>The key that wrapped the ring before. Never log it.</summary>
    public string? OldSecretsKey { get; } = read.TextOrNull("Secrets:OldKey",
        "The former `Secrets:Key`, when that is changed: at the start the key ring is wrapped anew. Then take it away.");

    public long SubaccountsMax { get; } = read.Number("Accounts:SubaccountsMax", 1000, 0, 1_000_000,
        "Subaccounts that a master account may make by itself, closed ones counted.");
}
