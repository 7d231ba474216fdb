namespace Simkeeper.Server.Hosting;

/// <summary>One operation of an API: its method, its path as in the OpenAPI document, and its handler.</summary>
/// <param name="Handle">Gets the values of the path's <c>{…}</c> parts, in order.</param>
/// <param name="OtherWork">The kind of work that it is, if its method does not say so.</param>
internal sealed record Route<TCaller>(
    string Method, string Template, Func<HttpContext, TCaller, string[], Task> Handle, Work? OtherWork = null)
{
    /// <summary>Says which of the door's limits it has.</summary>
    public Work Work { get; } = OtherWork ?? WorkNames.OfMethod(Method);

    public string[] Segments { get; } = Template.Split('/', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>
/// Finds the operations of one API. It replaces the framework's routing because each dialect has its own order of checks and its own words
/// for unknown paths.
/// </summary>
internal sealed class Routes<TCaller>(params IReadOnlyList<Route<TCaller>> all)
{
    public IReadOnlyList<Route<TCaller>> All => all;

    /// <summary>The methods that a path has, as <c>Allow</c> names them.</summary>
    public string Allowed(string[] path)
    {
        var methods = all.Where(route => route.Segments.Length == path.Length && Fits(route.Segments, path)).Select(route => route.Method);
        return string.Join(", ", methods.Select(method => method == "GET" ? "GET, HEAD" : method).Append("OPTIONS"));
    }

    /// <summary>Finds the operation of a path. If only the method is wrong, the path counts as known.</summary>
    public (Route<TCaller>? Route, string[] Values, bool KnownPath) Match(string method, string[] path)
    {
        var known = false;
        foreach (var route in all)
        {
            if (route.Segments.Length != path.Length || !Fits(route.Segments, path))
                continue;
            known = true;
            if (route.Method == method)
                return (route, Values(route.Segments, path), true);
        }
        return (null, [], known);
    }

    private static bool Fits(string[] template, string[] path)
    {
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i][0] != '{' && template[i] != path[i])
                return false;
        }
        return true;
    }

    private static string[] Values(string[] template, string[] path)
    {
        var values = new List<string>(2);
        for (var i = 0; i < template.Length; i++)
        {
            // A slash inside a name stays encoded until here, so that it does not split the path.
            if (template[i][0] == '{')
                values.Add(path[i].Replace("%2F", "/", StringComparison.OrdinalIgnoreCase));
        }
        return [.. values];
    }
}
