namespace Simkeeper.Server.Carriers;

/// <summary>The budget of a carrier.</summary>
/// <param name="CallsPerSecond">Changes a second, SIM clock; 0: no limit.</param>
/// <param name="InFlight">Changes sent and not yet answered.</param>
internal sealed record CarrierLimits(int CallsPerSecond, int InFlight)
{
    public const int CallsPerSecondMax = 100_000, InFlightMax = 10_000;

    public static readonly CarrierLimits Default = new(0, 256);
}
