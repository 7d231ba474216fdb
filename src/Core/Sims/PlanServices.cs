namespace Simkeeper.Core.Sims;

/// <summary>The services that a rate plan allows.</summary>
public readonly record struct PlanServices(bool Data, bool Messages, bool Voice);
