using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;

namespace Simkeeper.Server.Hosting;

/// <summary>Brings what every feature uses: telemetry, the log of requests, proxies' headers, and the OpenAPI documents.</summary>
internal sealed class HostingFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        to.Add(to.Http);
        to.Add(to.Sandbox);
        var telemetry = to.Add(to.Telemetry);
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
        }
    }

    public void Map(WebApplication web)
    {
        var http = web.Services.GetRequiredService<HttpSettings>();
        if (http.LogRequests)
            web.UseHttpLogging();
        if (http.TrustedProxies.Count > 0)
            web.UseForwardedHeaders(Forwarded(http));
        if (web.Services.GetRequiredService<SandboxSettings>().Enabled)
            web.Use(new KnownHosts(http).FilterAsync);
        web.Use(HeadRequests.AsGetAsync);
        web.UseResponseCompression();
        web.MapMethods("/openapi/{name}.json", ["GET"], DocumentAsync);
    }

    private static ForwardedHeadersOptions Forwarded(HttpSettings http)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.All };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in http.TrustedProxies)
            options.KnownProxies.Add(proxy);
        return options;
    }

    private static async Task DocumentAsync(HttpContext context)
    {
        context.Response.Headers.AccessControlAllowOrigin = "*";
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
