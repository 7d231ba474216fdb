namespace Simkeeper.Server.Hosting;

/// <summary>The most requests of one kind that are worked on at once.</summary>
/// <param name="All">In all.</param>
/// <param name="PerOrg">Of one org while another org calls.</param>
internal sealed record PlaceLimits(int All, int PerOrg, int PerAccount = int.MaxValue, int PerKey = int.MaxValue);

/// <summary>
/// Bounds the requests of one kind that are worked on at once. A request beyond a limit waits: orgs take turns, within an org its keys do,
/// and one key's requests go in their order. A request that has waited too long is refused.
/// </summary>
/// <param name="queueTime">The longest wait.</param>
internal sealed class Places(PlaceLimits limits, TimeSpan queueTime, Neighbours neighbours, TimeProvider wall) : IDisposable
{
    /// <summary>Callers share this many counts by their hash, so that memory does not grow with their number.</summary>
    private const int Counts = 1 << 13;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly int[] _ofOrg = new int[Counts], _ofAccount = new int[Counts], _ofKey = new int[Counts];
    private readonly Dictionary<Guid, Turns> _waiting = [];
    private readonly Queue<Turns> _orgs = new();

    /// <summary>All that wait, and some that do so no longer, oldest first.</summary>
    private readonly Queue<Waiter> _arrived = new();

    private ITimer? _looks;
    private int _inFlight;
    private long _refused;

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Requests that have waited too long, since the start.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Gives a request its place, at once or when its turn comes. False: it has waited too long.</summary>
    /// <param name="gone">Cancelled when nobody waits for the answer any more.</param>
    public ValueTask<bool> EnterAsync(Party party, CancellationToken gone)
    {
        lock (_lock)
        {
            if (IsRoom(party))
            {
                Take(party);
                return new(true);
            }
            var waiter = new Waiter(party, wall.GetTimestamp(), gone);
            if (!_waiting.TryGetValue(party.Org, out var turns))
            {
                _waiting.Add(party.Org, turns = new Turns(party.Org));
                _orgs.Enqueue(turns);
            }
            turns.Add(waiter);
            _arrived.Enqueue(waiter);
            _looks ??= wall.CreateTimer(_ => Look(), null, LookEvery, LookEvery);
            return new(waiter.Entered.Task);
        }
    }

    /// <summary>A request that has entered has ended.</summary>
    public void Leave(Party party)
    {
        lock (_lock)
        {
            Count(party, -1);
            if (_orgs.Count > 0)
                GiveTurns();
        }
    }

    public void Dispose() => _looks?.Dispose();

    private bool IsRoom(Party party) => _inFlight < limits.All && IsRoomForOrg(party.OrgHash)
        && _ofAccount[Place(party.AccountHash)] < limits.PerAccount && _ofKey[Place(party.KeyHash)] < limits.PerKey;

    private bool IsRoomForOrg(int hash) => _ofOrg[Place(hash)] < (neighbours.AreThere ? limits.PerOrg : limits.All);

    private void Take(Party party) => Count(party, 1);

    private void Count(Party party, int by)
    {
        _inFlight += by;
        _ofOrg[Place(party.OrgHash)] += by;
        _ofAccount[Place(party.AccountHash)] += by;
        _ofKey[Place(party.KeyHash)] += by;
    }

    private static uint Place(int hash) => (uint)hash % Counts;

    /// <summary>Lets in whoever may enter now, one of each org by turns.</summary>
    private void GiveTurns()
    {
        for (var passedOver = 0; passedOver < _orgs.Count && _inFlight < limits.All;)
        {
            var turns = _orgs.Dequeue();
            var next = IsRoomForOrg(turns.OrgHash) ? turns.Next(IsRoom) : null;
            if (next is not null && !next.Gone.IsCancellationRequested)
                Take(next.Party);
            next?.Entered.SetResult(!next.Gone.IsCancellationRequested);
            passedOver = next is null ? passedOver + 1 : 0;
            if (turns.Count > 0)
                _orgs.Enqueue(turns);
            else
                _waiting.Remove(turns.Org);
        }
    }

    /// <summary>Refuses those that have waited too long. Lets others in: a share grows when the neighbours have gone.</summary>
    private void Look()
    {
        lock (_lock)
        {
            GiveTurns();
            while (_arrived.TryPeek(out var oldest)
                && (oldest.Entered.Task.IsCompleted || wall.GetElapsedTime(oldest.Since) >= queueTime))
            {
                _arrived.Dequeue();
                if (oldest.Entered.Task.IsCompleted)
                    continue;
                // It is the first of its key, since all wait equally long.
                var turns = _waiting[oldest.Party.Org];
                turns.Drop(oldest);
                oldest.Entered.SetResult(false);
                _refused++;
            }
            if (_arrived.Count == 0)
            {
                _looks?.Dispose();
                _looks = null;
            }
        }
    }

    private sealed class Waiter(Party party, long since, CancellationToken gone)
    {
        public Party Party => party;

        public long Since => since;

        public CancellationToken Gone => gone;

        /// <summary>True: it has its place; false: it goes without one.</summary>
        public TaskCompletionSource<bool> Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>The waiting requests of one org, by key.</summary>
    private sealed class Turns(Guid org)
    {
        private readonly Dictionary<Guid, Queue<Waiter>> _ofKey = [];
        private readonly Queue<Guid> _keys = new();

        public Guid Org => org;

        public int OrgHash { get; private set; }

        public int Count { get; private set; }

        public void Add(Waiter waiter)
        {
            OrgHash = waiter.Party.OrgHash;
            if (!_ofKey.TryGetValue(waiter.Party.Key, out var waiting))
            {
                _ofKey.Add(waiter.Party.Key, waiting = new Queue<Waiter>());
                _keys.Enqueue(waiter.Party.Key);
            }
            waiting.Enqueue(waiter);
            Count++;
        }

        /// <summary>Takes the next one that has room; null: none has.</summary>
        public Waiter? Next(Func<Party, bool> isRoom)
        {
            for (var i = _keys.Count; i > 0; i--)
            {
                var key = _keys.Dequeue();
                var waiting = _ofKey[key];
                var next = waiting.TryPeek(out var first) && isRoom(first.Party) ? waiting.Dequeue() : null;
                if (waiting.Count > 0)
                    _keys.Enqueue(key);
                else
                    _ofKey.Remove(key);
                if (next is null)
                    continue;
                Count--;
                return next;
            }
            return null;
        }

        /// <summary>Takes the first one of its key out.</summary>
        public void Drop(Waiter waiter)
        {
            // A key without a request that waits is taken out when its turn comes.
            _ofKey[waiter.Party.Key].Dequeue();
            Count--;
        }
    }
}
