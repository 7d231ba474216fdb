using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Simkeeper.Server.Deliveries;

/// <summary>
/// Finds the addresses of receivers' names. Few look-ups are under way at once, and of one account fewer still, so that names that no
/// server answers for hold up nobody else. What was found is kept for a short time, and failures too.
/// </summary>
/// <param name="resolve">Finds the addresses of a name. It may take long, whatever its token says.</param>
/// <param name="patience">The time after which nobody waits for a look-up any more.</param>
internal sealed class NameLookups(
    Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeSpan patience, TimeProvider wall)
{
    /// <summary>The most look-ups under way at once, and the most of them for one account. Each may hold a thread of its own.</summary>
    public const int AtOnceMax = 64, AccountAtOnceMax = 8;

    /// <summary>The part of the time to connect that a look-up may take.</summary>
    public const double PartOfConnect = 0.8;

    /// <summary>The times for which addresses and failures are kept.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30), FailureKeptFor = TimeSpan.FromSeconds(10);

    /// <summary>The most names kept; beyond it all are forgotten.</summary>
    private const int KeptMax = 10_000;

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, Found> _kept = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Task<Found>> _running = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<Guid, int> _runningOf = [];
    private TaskCompletionSource _ended = NewSignal();
    private int _underWay;

    /// <summary>The number of look-ups under way. One that nobody waits for any more counts until it ends.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Finds the addresses of a name.</summary>
    /// <param name="account">The account on whose behalf it is done.</param>
    /// <exception cref="SocketException">There is no such name, or no server answers.</exception>
    /// <exception cref="NameLookupException">It took too long.</exception>
    public async Task<IPAddress[]> FindAsync(string name, Guid account, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(patience, wall);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        try
        {
            while (true)
            {
                if (Kept(name) is { } kept)
                    return kept.Addresses;
                var (running, ended) = Start(name, account);
                if (running is not null)
                    return (await running.WaitAsync(over.Token)).Addresses;
                await ended.WaitAsync(over.Token);
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            lock (_lock)
            {
                if (_running.ContainsKey(name))
                    Keep(name, Found.Late(wall));
            }
            throw new NameLookupException();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Found? Kept(string name) => _kept.TryGetValue(name, out var kept)
        && wall.GetElapsedTime(kept.At) < (kept.IsFailure ? FailureKeptFor : KeptFor) ? kept : null;

    private void Keep(string name, Found found)
    {
        if (_kept.Count >= KeptMax)
            _kept.Clear();
        _kept[name] = found;
    }

    /// <summary>
    /// The look-up of a name, which is begun if there is room. Null: there is none for this account before a look-up has ended. An account
    /// may have as many under way as there are free places, so that there is always one for another.
    /// </summary>
    private (Task<Found>? Running, Task Ended) Start(string name, Guid account)
    {
        lock (_lock)
        {
            if (_running.TryGetValue(name, out var running))
                return (running, _ended.Task);
            var own = _runningOf.GetValueOrDefault(account);
            if (own >= Math.Min(AccountAtOnceMax, AtOnceMax - _underWay))
                return (null, _ended.Task);
            (_runningOf[account], _underWay) = (own + 1, _underWay + 1);
            return (_running[name] = Task.Run(() => RunAsync(name, account)), _ended.Task);
        }
    }

    private async Task<Found> RunAsync(string name, Guid account)
    {
        Found found;
        try
        {
            found = new Found(await resolve(name, CancellationToken.None), null, wall.GetTimestamp());
        }
        catch (Exception e)
        {
            found = new Found([], (e as SocketException)?.SocketErrorCode ?? SocketError.NoRecovery, wall.GetTimestamp());
        }
        lock (_lock)
        {
            _running.Remove(name);
            Keep(name, found);
            _underWay--;
            if (--_runningOf[account] == 0)
                _runningOf.Remove(account);
            _ended.SetResult();
            _ended = NewSignal();
        }
        return found;
    }

    /// <summary>The end of a look-up.</summary>
    /// <param name="error">The reason of a failure; null: it was found.</param>
    /// <param name="at">By the machine's steady counter.</param>
    private sealed class Found(IPAddress[] addresses, SocketError? error, long at)
    {
        private bool _isLate;

        public long At => at;

        public bool IsFailure => error is not null;

        /// <exception cref="SocketException">It was not found.</exception>
        /// <exception cref="NameLookupException">It took too long.</exception>
        public IPAddress[] Addresses => _isLate ? throw new NameLookupException()
            : error is { } code ? throw new SocketException((int)code) : addresses;

        public static Found Late(TimeProvider wall) => new([], SocketError.TimedOut, wall.GetTimestamp()) { _isLate = true };
    }
}

/// <summary>The look-up of a receiver's name took too long.</summary>
internal sealed class NameLookupException() : IOException("The name of the receiver could not be looked up in time.");
