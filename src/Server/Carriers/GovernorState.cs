namespace Simkeeper.Server.Carriers;

/// <summary>A carrier's state at one moment, as its governor knows it.</summary>
/// <param name="InFlight">Changes sent and not yet answered.</param>
/// <param name="AwaySince">The time at which the carrier was first found away. SIM clock; null while it is there.</param>
internal readonly record struct GovernorState(int InFlight, DateTimeOffset? AwaySince);
