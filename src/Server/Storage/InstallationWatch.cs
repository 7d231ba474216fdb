using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Storage;

/// <summary>
/// Keeps what this server remembers of the installation's values (clock, faults, limits, revocations) in step with the store: it looks
/// when another server says that one changed, and every second.
/// </summary>
internal sealed class InstallationWatch(Database database, Signals signals, TimeProvider wall, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private static readonly Sql Values = new("select name, value from installation where org_id = @org_id");

    private readonly List<(string Prefix, Func<Task> TakeUp)> _watched = [];
    private readonly List<Func<Task>> _always = [];
    private readonly Dictionary<string, string> _seen = new(StringComparer.Ordinal);
    private Repeat? _looks;

    /// <summary>What is done when a value whose name starts so has changed, maybe by this server itself. It reads the value anew.</summary>
    public void On(string prefix, Func<Task> takeUp) => _watched.Add((prefix, takeUp));

    /// <summary>What else is looked after every second.</summary>
    public void Always(Func<Task> look) => _always.Add(look);

    /// <summary>The embedded store has nobody else who could change anything.</summary>
    public void Start()
    {
        if (!database.IsShared)
            return;
        _looks = new Repeat(wall, LookAsync, Failed);
        signals.Heard += Wake;
    }

    public ValueTask DisposeAsync()
    {
        signals.Heard -= Wake;
        return _looks?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private void Wake(string word)
    {
        if (word == Signals.Installation)
            _looks!.Wake();
    }

    private void Failed(Exception e)
    {
        // While the store is away, requests say so; the next look finds what changed meanwhile.
        if (e is StoreAwayException)
            return;
        log.LogError(e, "What other servers changed could not be taken up; it is tried again.");
        _seen.Clear();
    }

    private async Task<TimeSpan> LookAsync(CancellationToken stop)
    {
        var values = await database.ReadAsync(session =>
            session.ListAsync(Values, row => (Name: row.Text(0), Value: row.Text(1)), Installation.OrgId));
        var changed = values.Where(value => _seen.GetValueOrDefault(value.Name) != value.Value).ToList();
        foreach (var (prefix, takeUp) in _watched)
        {
            if (changed.Any(value => value.Name.StartsWith(prefix, StringComparison.Ordinal)))
                await takeUp();
        }
        foreach (var (name, value) in changed)
            _seen[name] = value;
        foreach (var look in _always)
            await look();
        return Every;
    }
}
