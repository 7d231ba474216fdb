using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Simkeeper.Server.Hosting;

/// <summary>
/// Compresses answers of JSON whose length is known and at least <see cref="BytesMin"/>, for clients that ask for it. An answer that must
/// not be stored may hold a secret, and stays as it is: its compressed length could give the secret away (the BREACH attack).
/// </summary>
internal sealed class Compression(IServiceProvider services, IOptions<ResponseCompressionOptions> options)
    : ResponseCompressionProvider(services, options)
{
    public const int BytesMin = 1024;

    public static void AddTo(IServiceCollection services)
    {
        services.AddResponseCompression(compression =>
        {
            // TLS ends at a proxy, so this is about what X-Forwarded-Proto says.
            compression.EnableForHttps = true;
            compression.MimeTypes = ["application/json", "application/problem+json"];
        });
        services.AddSingleton<IResponseCompressionProvider, Compression>();
    }

    public override bool ShouldCompressResponse(HttpContext context) =>
        context.Response is { ContentLength: >= BytesMin, StatusCode: not StatusCodes.Status206PartialContent } response
        && !response.Headers.CacheControl.ToString().Contains("no-store", StringComparison.Ordinal)
        && base.ShouldCompressResponse(context);
}
