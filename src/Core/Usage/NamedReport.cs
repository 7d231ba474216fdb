using Simkeeper.Core.Sims;

namespace Simkeeper.Core.Usage;

/// <summary>A report about the SIM of this name.</summary>
/// <param name="Index">The place of the report in its batch, from 0.</param>
public sealed record NamedReport(int Index, SimName Sim, UsageReport Report);
