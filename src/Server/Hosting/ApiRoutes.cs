namespace Simkeeper.Server.Hosting;

/// <summary>The operations that each API answers, by the name of its OpenAPI document. Tests compare the two.</summary>
internal sealed class ApiRoutes
{
    private readonly Dictionary<string, List<IEnumerable<(string Method, string Template)>>> _all = [];

    public IReadOnlyDictionary<string, IReadOnlyList<(string Method, string Template)>> All =>
        _all.ToDictionary(api => api.Key, api => (IReadOnlyList<(string, string)>)[.. api.Value.SelectMany(routes => routes)]);

    /// <param name="routes">Looked at when it is asked for them.</param>
    public void Add(string api, IEnumerable<(string Method, string Template)> routes)
    {
        if (!_all.TryGetValue(api, out var known))
            _all.Add(api, known = []);
        known.Add(routes);
    }
}
