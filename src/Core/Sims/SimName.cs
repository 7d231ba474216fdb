namespace Simkeeper.Core.Sims;

/// <summary>A name by which a network knows a SIM.</summary>
/// <param name="Kind"><c>sim</c> with either id, or <c>iccid</c>, <c>imsi</c> or <c>msisdn</c> with a number.</param>
/// <param name="Value">The id, or the number in digits.</param>
public readonly record struct SimName(string Kind, string Value);
