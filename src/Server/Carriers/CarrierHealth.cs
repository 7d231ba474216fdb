namespace Simkeeper.Server.Carriers;

/// <summary>The state of an adapter's connections.</summary>
/// <param name="Connected">All of them are up.</param>
/// <param name="Since">Since when that is so, or not so. Wall clock.</param>
/// <param name="LastError">The last thing that went wrong, for an operator; never a secret. Null: nothing yet.</param>
internal sealed record CarrierHealth(bool Connected, DateTimeOffset Since, string? LastError = null);
