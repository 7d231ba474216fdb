using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;

namespace Simkeeper.Server.Hosting;

/// <summary>
/// Maps everything under a path to an API that routes by itself. Such branches come before endpoint routing, so it costs the hot
/// paths of the dialects nothing.
/// </summary>
internal static class Branches
{
    /// <param name="name">The name of the API that the measurements of its requests bear; null: none.</param>
    public static void MapBranch(this WebApplication web, string path, string? name, RequestDelegate handle) =>
        web.MapBranch(path, name, branch => branch.Run(handle));

    /// <param name="name">The name of the API that the measurements of its requests bear; null: none.</param>
    /// <param name="build">Adds what handles the requests.</param>
    public static void MapBranch(this WebApplication web, string path, string? name, Action<IApplicationBuilder> build)
    {
        var tag = new KeyValuePair<string, object?>("simkeeper.api", name);
        web.MapWhen(context => IsUnder(context.Request.Path.Value, path), branch =>
        {
            if (name is not null)
            {
                branch.Use((context, next) =>
                {
                    context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(tag);
                    return next(context);
                });
            }
            build(branch);
        });
    }

    /// <summary>Counts doubled slashes at the start as one.</summary>
    private static bool IsUnder(ReadOnlySpan<char> path, string prefix)
    {
        while (path.StartsWith("//"))
            path = path[1..];
        return path.StartsWith(prefix, StringComparison.Ordinal) && (path.Length == prefix.Length || path[prefix.Length] == '/');
    }
}
