using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;

namespace Simkeeper.Server.Hosting;

/// <summary>
/// Maps everything under a path to one handler that routes by itself. Such branches stand before endpoint routing, so the hot paths of
/// the dialects pay nothing for it.
/// </summary>
internal static class Branches
{
    /// <param name="name">The name of the API that the measurements of its requests bear; null: none.</param>
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

    /// <summary>Doubled slashes at the start count once.</summary>
    private static bool IsUnder(ReadOnlySpan<char> path, string prefix)
    {
        while (path.StartsWith("//"))
            path = path[1..];
        return path.StartsWith(prefix, StringComparison.Ordinal) && (path.Length == prefix.Length || path[prefix.Length] == '/');
    }
}
