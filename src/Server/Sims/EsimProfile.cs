using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Sims;

/// <summary>The state of an eSIM's profile as it is shown: unknown for providers that report none, and before the first report.</summary>
internal static class EsimProfile
{
    public static bool IsShown(Sim sim, SimSettings settings) => settings.ProfileProviders.Contains(sim.Provider);

    public static (string Status, DateTimeOffset UpdatedAt) Of(Sim sim, SimSettings settings) =>
        IsShown(sim, settings) && sim.ProfileUpdatedAt is { } at ? (sim.ProfileStatus.ToWire(), at) : ("unknown", sim.CreatedAt);
}
