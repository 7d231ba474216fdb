using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>The status of a SIM in the Gigs dialect.</summary>
public enum GigsStatus
{
    Inactive,
    Active,
    Retired,
}

/// <summary>The names of the Gigs statuses, and the mapping of ours to them.</summary>
public static class GigsStatusNames
{
    public static string ToWire(this GigsStatus status) => status switch
    {
        GigsStatus.Inactive => "inactive",
        GigsStatus.Active => "active",
        GigsStatus.Retired => "retired",
    };

    /// <summary>The status that Gigs shows: in service, out of service, or retired for ever.</summary>
    public static GigsStatus Gigs(this SimStatus status) => status switch
    {
        SimStatus.New or SimStatus.Suspended or SimStatus.Deactivated => GigsStatus.Inactive,
        SimStatus.Ready or SimStatus.Active => GigsStatus.Active,
        SimStatus.Canceled => GigsStatus.Retired,
    };
}
