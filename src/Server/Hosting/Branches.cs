using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;

namespace Simkeeper.Server.Hosting;

/// <summary>
/// Maps everything under a path to one handler that routes by itself. Such branches come before endpoint routing, so it costs the hot paths
/// of the dialects nothing.
/// </summary>
internal static class Branches
{
    /// <param name="name">The name of the API under which its requests are measured; null: none.</param>
    public static void MapBranch(this WebApplication web, string path, string? name, RequestDelegate handle)
    {
        var tag = new KeyValuePair<string, object?>("simkeeper.api", name);
        web.MapWhen(context => IsUnder(context.Request.Path.Value, path), branch => branch.Run(context =>
        {
            if (name is not null)
                context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(tag);
            return handle(context);
        }));
    }

    /// <summary>Counts doubled slashes at the start as one.</summary>
    private static bool IsUnder(ReadOnlySpan<char> path, string prefix)
    {
        while (path.StartsWith("//"))
            path = path[1..];
        return path.StartsWith(prefix, StringComparison.Ordinal) && (path.Length == prefix.Length || path[prefix.Length] == '/');
    }
}
