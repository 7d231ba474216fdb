using Simkeeper.Core;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>The state of an endpoint: it hears of changes or not.</summary>
internal enum EndpointState
{
    Enabled,

    /// <summary>All attempts have failed for too long, or its account was closed.</summary>
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
/// <param name="Ordered">True if the next event of a SIM waits for the one before.</param>
/// <param name="SealedOldSecrets">The secrets before this one, sealed (<see cref="OldSecret.Join"/>).</param>
/// <param name="OldSecretUntil">The time until which the last of the old secrets signs beside the new one. Wall clock.</param>
/// <param name="FailingSince">The time since which every attempt has failed. SIM clock; null: the latest attempt succeeded.</param>
internal sealed record WebhookEndpoint(
    Guid OrgId, Guid Id, Guid AccountId, string Url, IReadOnlyList<string> Events, bool Ordered, EndpointState State, byte[] SealedSecret,
    byte[]? SealedOldSecrets, DateTimeOffset? OldSecretUntil, DateTimeOffset? FailingSince)
{
    public const string IdPrefix = "we";

    public string PublicId => Ids.ToBase62(IdPrefix, Id);

    public bool Enabled => State == EndpointState.Enabled;

    /// <summary>The old secrets that sign beside the new one at this moment, newest first.</summary>
    public IEnumerable<OldSecret> OldSecrets(Func<byte[], string> open, DateTimeOffset now) =>
        SealedOldSecrets is { } @sealed && OldSecretUntil > now ? OldSecret.Split(open(@sealed), OldSecretUntil.Value, now) : [];
}
