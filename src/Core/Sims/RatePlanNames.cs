namespace Simkeeper.Core.Sims;

/// <summary>The words of a rate plan's properties.</summary>
public static class RatePlanNames
{
    public static readonly Words<DataLimitStrategy> Strategies = new(ToWire);
    public static readonly Words<NarrowbandPlan> Narrowbands = new(ToWire);

    public static string ToWire(this DataLimitStrategy strategy) => strategy switch
    {
        DataLimitStrategy.Block => "block",
        DataLimitStrategy.Throttle => "throttle",
    };

    public static string ToWire(this NarrowbandPlan narrowband) => narrowband switch
    {
        NarrowbandPlan.None => "none",
        NarrowbandPlan.Annual => "annual",
        NarrowbandPlan.Developer => "developer",
    };
}
