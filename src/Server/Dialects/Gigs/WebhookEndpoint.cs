using Simkeeper.Core;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>Says if an endpoint hears of changes.</summary>
internal enum EndpointState
{
    Enabled,

    /// <summary>It has only failed for too long, or its account was closed.</summary>
    Disabled,
}

/// <summary>The wire names of endpoints' states.</summary>
internal static class EndpointStateNames
{
    public static string ToWire(this EndpointState state) => state switch
    {
        EndpointState.Enabled => "enabled",
        EndpointState.Disabled => "disabled",
    };
}

/// <summary>A standing subscription of an account to Gigs events, as stored.</summary>
/// <param name="Events">The types it takes (<see cref="GigsEvents.IsPattern"/>).</param>
/// <param name="Ordered">The next event of a SIM waits for the one before.</param>
/// <param name="SealedOldSecrets">Those before (<see cref="OldSecret.Join"/>).</param>
/// <param name="OldSecretUntil">Wall clock: how long the last of them signs beside the new one.</param>
/// <param name="FailingSince">SIM clock; null: the latest attempt succeeded.</param>
internal sealed record WebhookEndpoint(
    Guid OrgId, Guid Id, Guid AccountId, string Url, IReadOnlyList<string> Events, bool Ordered, EndpointState State, byte[] SealedSecret,
    byte[]? SealedOldSecrets, DateTimeOffset? OldSecretUntil, DateTimeOffset? FailingSince)
{
    public const string IdPrefix = "we";

    public string PublicId => Ids.ToBase62(IdPrefix, Id);

    public bool Enabled => State == EndpointState.Enabled;

    /// <summary>The secrets that sign beside its own at this moment, newest first.</summary>
    public IEnumerable<OldSecret> OldSecrets(Func<byte[], string> open, DateTimeOffset now) =>
        SealedOldSecrets is { } @sealed && OldSecretUntil > now ? OldSecret.Split(open(@sealed), OldSecretUntil.Value, now) : [];
}
