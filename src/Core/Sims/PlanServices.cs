namespace Simkeeper.Core.Sims;

/// <summary>The services that a rate plan allows (KORE RatePlan, <c>DataEnabled</c>, <c>MessagingEnabled</c>, <c>VoiceEnabled</c>).</summary>
public readonly record struct PlanServices(bool Data, bool Messages, bool Voice);
