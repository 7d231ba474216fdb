namespace Simkeeper.Server.Storage;

/// <summary>
/// Keeps what this server remembers of the installation's values (clock, faults, limits, revocations) in step with the store: it looks
/// when another server says that one changed, and every second.
/// </summary>
internal sealed class InstallationWatch(Database database, Signals signals, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private static readonly Sql Values = new("select name, value from installation where org_id = @org_id");

    private readonly List<(string Prefix, Func<Task> TakeUp)> _watched = [];
    private readonly List<Func<Task>> _always = [];
    private readonly Dictionary<string, string> _seen = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _woken = new(0);
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    /// <summary>What is done when a value whose name starts so has changed, maybe by this server itself. It reads the value anew.</summary>
    public void On(string prefix, Func<Task> takeUp) => _watched.Add((prefix, takeUp));

    /// <summary>What else is looked after every second.</summary>
    public void Always(Func<Task> look) => _always.Add(look);

    /// <summary>The embedded store has nobody else who could change anything.</summary>
    public void Start()
    {
        if (!database.IsShared)
            return;
        signals.Heard += Wake;
        _loop = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        signals.Heard -= Wake;
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
        _woken.Dispose();
    }

    private void Wake(string word)
    {
        if (word == Signals.Installation)
            _woken.Release();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await LookAsync();
            }
            catch (StoreAwayException)
            {
                // Requests say so; the next look finds what changed meanwhile.
            }
            catch (Exception e)
            {
                log.LogError(e, "What other servers changed could not be taken up; it is tried again.");
                _seen.Clear();
            }
            await _woken.WaitAsync(Every, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private async Task LookAsync()
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
    }
}
