using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Storage;

/// <summary>
/// Keeps this server's memory of the installation's values (clock, faults, limits, revocations) in step with the store. It looks when
/// another server reports a change, and every second.
/// </summary>
internal sealed class InstallationWatch(Database database, Signals signals, TimeProvider wall, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private static readonly Sql Values = new("select name, value from installation where org_id = @org_id");

    private readonly List<(string Prefix, Func<Task> TakeUp)> _watched = [];
    private readonly List<Func<Task>> _always = [];
    private readonly Dictionary<string, string> _seen = new(StringComparer.Ordinal);
    private Repeat? _looks;

    /// <summary>
    /// Adds an action for changes of the values whose names start with this, even changes by this server. The action reads the value again.
    /// </summary>
    public void On(string prefix, Func<Task> takeUp) => _watched.Add((prefix, takeUp));

    /// <summary>Adds a check that runs every second.</summary>
    public void Always(Func<Task> look) => _always.Add(look);

    /// <summary>Starts the watch. The embedded store needs none: no other server can change it.</summary>
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
        // While the store is away, requests report it; the next look finds the changes.
        if (e is StoreAwayException)
            return;
        log.LogError(e, "Changes by other servers could not be read; they are tried again.");
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
