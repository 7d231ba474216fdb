using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Simkeeper.Server.Hosting;

/// <summary>
/// Sends metrics, traces and logs to an OTLP/HTTP collector. Names follow OpenTelemetry's conventions where there is one
/// (<c>http.server.request.duration</c>, with the API as <c>simkeeper.api</c>).
/// </summary>
internal sealed class Export : IAsyncDisposable
{
    /// <summary>The name of the meter of the job queue.</summary>
    public const string QueueMeter = "simkeeper.queue";

    private readonly MeterProvider _metrics;
    private readonly TracerProvider _traces;

    public Export(TelemetrySettings settings)
    {
        // ASP.NET Core 10 fills its spans only when asked to; it looks when the server starts.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        _metrics = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(Name)
            .AddMeter(Measured.Name, QueueMeter, DoorGauges.Name)
            .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
            .AddOtlpExporter((exporter, reader) =>
            {
                To(exporter, settings, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)settings.Interval.TotalMilliseconds;
            })
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(Name)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(settings.TracesPercent / 100.0)))
            .AddSource(Measured.Name, "Microsoft.AspNetCore")
            .AddProcessor(new WithoutQrAddresses())
            .AddOtlpExporter(exporter => To(exporter, settings, "v1/traces"))
            .Build();
    }

    /// <summary>Sends the log as well.</summary>
    public static void AddLog(ILoggingBuilder logging, TelemetrySettings settings) => logging.AddOpenTelemetry(log =>
    {
        log.SetResourceBuilder(Resource());
        log.IncludeFormattedMessage = true;
        log.AddOtlpExporter(exporter => To(exporter, settings, "v1/logs"));
    });

    /// <summary>Sends everything that has not been sent yet.</summary>
    public ValueTask DisposeAsync()
    {
        _metrics.Dispose();
        _traces.Dispose();
        return ValueTask.CompletedTask;
    }

    private static void Name(ResourceBuilder resource) => resource.AddService(Measured.Name);

    private static ResourceBuilder Resource()
    {
        var resource = ResourceBuilder.CreateDefault();
        Name(resource);
        return resource;
    }

    private static void To(OtlpExporterOptions exporter, TelemetrySettings settings, string path)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri($"{settings.OtlpEndpoint!.TrimEnd('/')}/{path}");
    }

    /// <summary>Keeps addresses of QR codes on the server: whoever has one may see the activation code.</summary>
    private sealed class WithoutQrAddresses : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data)
        {
            if (data.GetTagItem("url.path") is string path && path.StartsWith("/qrcode/", StringComparison.Ordinal))
                data.SetTag("url.path", "/qrcode/…");
        }
    }
}
