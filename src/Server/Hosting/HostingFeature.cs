using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Simkeeper.Server.Hosting;

/// <summary>Brings what every feature uses: telemetry, the log of requests, proxies' headers, and the OpenAPI documents.</summary>
internal sealed class HostingFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        to.Add(to.Http);
        to.Add(to.Sandbox);
        var telemetry = to.Add(to.Telemetry);
        var limits = to.Add(to.Limits);
        to.Services.AddSingleton<Connections>();
        to.Services.AddSingleton<Door>();
        to.Services.AddSingleton<Cors>();
        to.Services.AddSingleton<Arrivals>();
        to.Services.AddSingleton<KnownHosts>();
        to.Services.Configure<HostOptions>(host => host.ShutdownTimeout = limits.StopTime);
        to.Services.AddSingleton<ApiRoutes>();
        to.Services.AddSingleton(provider => provider.GetRequiredService<ILoggerFactory>().CreateLogger("simkeeper"));
        Compression.AddTo(to.Services);
        if (to.Http.LogRequests)
        {
            to.Services.AddHttpLogging(logging => logging.LoggingFields =
                HttpLoggingFields.RequestMethod | HttpLoggingFields.RequestPath
                | HttpLoggingFields.ResponseStatusCode | HttpLoggingFields.Duration);
            to.Services.AddHttpLoggingInterceptor<SecretPaths>();
        }
        if (telemetry.OtlpEndpoint is not null)
        {
            to.Services.AddSingleton(_ => new Export(telemetry));
            to.Run<Export>(_ => { });
            to.Services.AddSingleton<DoorGauges>();
            to.Run<DoorGauges>(_ => { });
        }
    }

    public void Map(WebApplication web)
    {
        var http = web.Services.GetRequiredService<HttpSettings>();
        if (http.LogRequests)
            web.UseHttpLogging();
        web.Use(web.Services.GetRequiredService<Arrivals>().CountAsync);
        if (http.TrustedProxies.Count > 0)
            web.Use(ForwardedNames.CheckAsync).UseForwardedHeaders(Forwarded(http));
        web.Use(web.Services.GetRequiredService<KnownHosts>().FilterAsync);
        if (web.Services.GetRequiredService<Cors>() is { Refuses: true } cors)
            web.Use(cors.FilterAsync);
        web.Use(HeadRequests.AsGetAsync);
        web.UseResponseCompression();
        web.MapMethods("/openapi/{name}.json", ["GET"], DocumentAsync);
    }

    private static ForwardedHeadersOptions Forwarded(HttpSettings http)
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in http.TrustedProxies)
            options.KnownProxies.Add(proxy);
        return options;
    }

    private static async Task DocumentAsync(HttpContext context)
    {
        context.RequestServices.GetRequiredService<Cors>().Allow(context);
        await using var document = Assembly.GetExecutingAssembly().GetManifestResourceStream(context.Request.Path.Value![1..]);
        if (document is null)
        {
            context.Response.StatusCode = 404;
            return;
        }
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = document.Length;
        await document.CopyToAsync(context.Response.Body);
    }

    /// <summary>Keeps paths out of the log that are secrets themselves.</summary>
    private sealed class SecretPaths : IHttpLoggingInterceptor
    {
        public ValueTask OnRequestAsync(HttpLoggingInterceptorContext context)
        {
            if (context.HttpContext.Request.Path.StartsWithSegments("/qrcode"))
                context.Disable(HttpLoggingFields.RequestPath);
            return default;
        }

        public ValueTask OnResponseAsync(HttpLoggingInterceptorContext context) => default;
    }
}
