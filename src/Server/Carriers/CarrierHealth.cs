namespace Simkeeper.Server.Carriers;

/// <summary>The state of an adapter's connections.</summary>
/// <param name="Connected">All of them are up.</param>
/// <param name="Since">The time of the last change of <paramref name="Connected"/>. Wall clock.</param>
/// <param name="LastError">The last fault, for an operator; never a secret. Null: there was none yet.</param>
internal sealed record CarrierHealth(bool Connected, DateTimeOffset Since, string? LastError = null);
