namespace Simkeeper.Server.Hosting;

/// <summary>Settings of the export of metrics, traces and logs.</summary>
internal sealed class TelemetrySettings(Settings read)
{
    public string? OtlpEndpoint { get; } = read.TextOrNull(
        "Telemetry:OtlpEndpoint",
        "The collector of metrics, traces and logs: the base address of OTLP/HTTP, such as http://collector:4318.",
        HttpSettings.IsWeb, "is an absolute http or https URL");

    public TimeSpan Interval { get; } = read.Duration("Telemetry:Interval", "60s", "1s", "1h", "The time between two sendings of metrics.");

    public long TracesPercent { get; } = read.Number(
        "Telemetry:TracesPercent", 100, 0, 100,
        "The number of requests in a hundred that are traced, unless the caller has decided (`traceparent`).");
}
