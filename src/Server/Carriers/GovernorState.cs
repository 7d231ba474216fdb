namespace Simkeeper.Server.Carriers;

/// <summary>The state of a carrier as its governor knows it, at one moment.</summary>
/// <param name="InFlight">Changes sent and not yet answered.</param>
/// <param name="AwaySince">When the carrier was first found away, SIM clock; null while it is there.</param>
internal readonly record struct GovernorState(int InFlight, DateTimeOffset? AwaySince);
