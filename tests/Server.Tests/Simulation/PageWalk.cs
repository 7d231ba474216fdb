using System.Text.Json;

namespace Simkeeper.Server.Tests.Simulation;

/// <summary>A client who pages through a list while the inventory changes and the server dies.</summary>
internal sealed class PageWalk(Simulation simulation, string name, string authorization, string firstPage,
    Func<JsonElement, string?> nextPage, Func<JsonElement, IEnumerable<string>> items, Func<Task<HashSet<string>?>> all)
{
    private readonly List<string> _seen = [];
    private HashSet<string>? _before;
    private string? _next = firstPage;

    /// <summary>Reads one page. False when the walk is over.</summary>
    public async Task<bool> StepAsync()
    {
        _before ??= await all();
        if (_before is null)
            return false;
        var page = await simulation.SendAsync("GET", _next!, authorization);
        if (page.Status == 0)
            return true; // The client asks for this page again.
        if (page.Status != 200)
        {
            // Gigs refuses a cursor whose SIM was deleted or moved meanwhile.
            if (page.Status != 422)
                simulation.Violate($"A walk through {name} was answered with {page.Status}: {page.Text}");
            return false;
        }
        _seen.AddRange(items(page.Json));
        _next = nextPage(page.Json);
        if (_next is not null)
            return true;
        if (await all() is { } after)
            Check(after);
        return false;
    }

    private void Check(HashSet<string> after)
    {
        foreach (var id in _before!.Intersect(after).Except(simulation.Calls.Moved))
        {
            var times = _seen.Count(seen => seen == id);
            if (times != 1)
                simulation.Violate($"A walk through {name} met {id}, which was there throughout, {times} times.");
        }
    }
}
