using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>
/// Shares deliveries out among receivers: a receiver that is slow or dead holds up only itself. A receiver starts with few deliveries at
/// once and gets one more with each answer. After several failures in a row it gets one at a time until it answers, so that no attempt is
/// skipped. Orgs take turns, and none has more than its share of all that is under way.
/// </summary>
internal sealed class Receivers(
    Database database, JobQueue jobs, SimClock clock, DeliverySettings settings, Messengers messengers) : IJobSource
{
    /// <summary>The most deliveries under way at once, and the most of them for one org.</summary>
    public const int AtOnceMax = 1024, OrgAtOnceMax = 256;

    /// <summary>
    /// An account may have this many times as many deliveries under way as its org has places free. So alone it may have three quarters,
    /// and however many of its siblings want more, there are places for another.
    /// </summary>
    private const int AccountShare = 3;

    /// <summary>The deliveries that a receiver may have at once before it has answered.</summary>
    public const int AtOnceFirst = 8;

    /// <summary>The failures in a row after which a receiver gets one delivery at a time.</summary>
    public const int BreakAfter = 5;

    /// <summary>
    /// Claim up to this many times a healthy receiver's concurrency, so that it need not wait for commits. One claim takes as many as are
    /// sent at once.
    /// </summary>
    public const int ClaimAhead = 4;

    /// <summary>
    /// The longest last answer of a receiver for which deliveries are claimed ahead: for a slower one they would wait long, and keep others
    /// out.
    /// </summary>
    public static readonly TimeSpan SlowFrom = TimeSpan.FromSeconds(1);

    /// <summary>Beyond this many, a receiver is forgotten when nothing is under way to it.</summary>
    private const int KnownMax = 10_000;

    /// <summary>
    /// The age up to which data read with the claim may be used to send: an endpoint may have been deleted meanwhile, or a secret replaced.
    /// The data is read with the claim because a read after a commit makes SQLite look at every page again.
    /// </summary>
    private static readonly TimeSpan ReadFor = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Dictionary<(Guid OrgId, string Receiver), Known> _known = [];
    private readonly Dictionary<Guid, int> _underWayOf = [];
    private readonly Dictionary<(Guid OrgId, string Account), int> _underWayOfAccount = [];
    private readonly Dictionary<(Guid OrgId, Guid Id), (Outgoing Outgoing, long At)> _read = [];
    private readonly Turns _turns = new();
    private bool _givesBack;

    public IReadOnlyList<Lane> Lanes { get; } = [Lane.Deliveries];

    public async Task<List<Job>> ClaimAsync(DateTimeOffset now, int max)
    {
        var due = (await jobs.BudgetsAsync(Lane.Deliveries)).Where(budget => budget.DueAt <= now).OrderBy(budget => budget.DueAt);
        var shares = Share([.. due.Select(budget => (budget.OrgId, budget.Budget))], Math.Min(max, JobQueue.ClaimMax));
        if (shares.Count == 0)
            return [];
        var claimed = await jobs.ClaimAsync(Lane.Deliveries, shares, now);
        var at = clock.Wall.GetTimestamp();
        var read = await database.ReadAsync(async session =>
        {
            var all = new List<Outgoing>();
            foreach (var org in claimed.GroupBy(job => job.OrgId, job => job.SubjectId))
                all.AddRange(await messengers.ReadAsync(session, org.Key, [.. org]));
            return all;
        });
        lock (_lock)
        {
            foreach (var outgoing in read)
                _read[(outgoing.Delivery.OrgId, outgoing.Delivery.Id)] = (outgoing, at);
            foreach (var job in claimed)
            {
                Of(job).UnderWay++;
                _underWayOf[job.OrgId] = _underWayOf.GetValueOrDefault(job.OrgId) + 1;
                var account = (job.OrgId, AccountOf(job.Budget));
                _underWayOfAccount[account] = _underWayOfAccount.GetValueOrDefault(account) + 1;
            }
        }
        return claimed;
    }

    public async ValueTask<DateTimeOffset?> NextAsync(DateTimeOffset now)
    {
        var budgets = await jobs.BudgetsAsync(Lane.Deliveries);
        lock (_lock)
        {
            return budgets.Where(budget => Room(budget.OrgId, ReceiverOf(budget.Budget)) > 0
                    && RoomOf(budget.OrgId) > 0 && RoomOfAccount(budget.OrgId, AccountOf(budget.Budget)) > 0)
                .Min(budget => (DateTimeOffset?)budget.DueAt);
        }
    }

    public bool Ended(Job job)
    {
        lock (_lock)
        {
            var (receiver, account) = (ReceiverOf(job.Budget), AccountOf(job.Budget));
            _read.Remove((job.OrgId, job.SubjectId));
            if (--Of(job).UnderWay == 0 && _known.Count > KnownMax)
                _known.Remove((job.OrgId, receiver));
            var wasFull = RoomOf(job.OrgId) <= 0 || RoomOfAccount(job.OrgId, account) <= 0;
            if (--_underWayOf[job.OrgId] == 0)
                _underWayOf.Remove(job.OrgId);
            if (--_underWayOfAccount[(job.OrgId, account)] == 0)
                _underWayOfAccount.Remove((job.OrgId, account));
            return wasFull || Room(job.OrgId, receiver) > 0;
        }
    }

    public bool GivesBack
    {
        set
        {
            lock (_lock)
            {
                _givesBack = value;
                foreach (var known in _known.Values.Where(_ => value))
                    known.SendAway();
            }
        }
    }

    /// <summary>
    /// Waits until a claimed delivery may be sent; then <see cref="Leave"/> follows. False: its receiver is away, so it would wait long and
    /// keep others out meanwhile.
    /// </summary>
    public Task<bool> EnterAsync(Job job)
    {
        lock (_lock)
        {
            var known = Of(job);
            if (known.Sending < AtOnce(known))
            {
                known.Sending++;
                return Task.FromResult(true);
            }
            if (_givesBack || (known.Failures >= BreakAfter && !clock.Moving))
                return Task.FromResult(false);
            var turn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            known.Waiting.Enqueue(turn);
            return turn.Task;
        }
    }

    /// <summary>A claimed delivery as read with the claim; null: that was too long ago.</summary>
    public Outgoing? Take(Job job)
    {
        lock (_lock)
        {
            return _read.Remove((job.OrgId, job.SubjectId), out var read) && clock.Wall.GetElapsedTime(read.At) < ReadFor
                ? read.Outgoing
                : null;
        }
    }

    /// <summary>Notes that it was sent, and lets a waiting delivery go.</summary>
    public void Leave(Job job)
    {
        lock (_lock)
        {
            var known = Of(job);
            known.Sending--;
            while (known.Sending < AtOnce(known) && known.Waiting.TryDequeue(out var turn))
            {
                known.Sending++;
                turn.SetResult(true);
            }
        }
    }

    /// <summary>Notes if the receiver of a delivery is there: it answered, and not with an error of its own.</summary>
    public void Heard(Job job, bool isThere, TimeSpan after)
    {
        lock (_lock)
        {
            var known = Of(job);
            known.IsSlow = after > SlowFrom;
            if (isThere)
            {
                (known.Failures, known.AtOnce) = (0, Math.Min(known.AtOnce + 1, settings.AtOncePerReceiver));
            }
            else if (++known.Failures >= BreakAfter)
            {
                known.AtOnce = 1;
                if (!clock.Moving)
                    known.SendAway();
            }
        }
    }

    /// <summary>Says if the receiver has failed several times in a row and not answered since.</summary>
    public bool IsAway(Job job)
    {
        lock (_lock)
            return Of(job).Failures >= BreakAfter;
    }

    /// <summary>
    /// Shares out the next <paramref name="max"/> one by one: by turns among orgs, within an org among its accounts, and within an account
    /// among its receivers.
    /// </summary>
    private List<(Guid OrgId, string Budget, int Max)> Share(List<(Guid OrgId, string Budget)> due, int max)
    {
        var given = new Dictionary<(Guid OrgId, string Budget), int>();
        lock (_lock)
        {
            var orgs = due.GroupBy(pair => pair.OrgId).Where(org => RoomOf(org.Key) > 0).Select(org => new Claiming(this, org)).ToList();
            if (orgs.Count == 0)
                return [];
            for (var turn = _turns.Next(orgs.Count); max > 0 && orgs.Count > 0; turn++)
            {
                var at = turn % orgs.Count;
                if (orgs[at].Next() is { } next)
                {
                    given[next] = given.GetValueOrDefault(next) + 1;
                    max--;
                }
                else
                {
                    orgs.RemoveAt(at);
                }
            }
        }
        return [.. given.Select(share => (share.Key.OrgId, share.Key.Budget, share.Value))];
    }

    /// <summary>A budget is a receiver and, unless an earlier version wrote it, an account (<see cref="Delivery.Budget"/>).</summary>
    private static string ReceiverOf(string budget) => budget.IndexOf(' ') is >= 0 and var at ? budget[..at] : budget;

    private static string AccountOf(string budget) => budget.IndexOf(' ') is >= 0 and var at ? budget[(at + 1)..] : "";

    private Known Of(Job job)
    {
        var key = (job.OrgId, ReceiverOf(job.Budget));
        if (!_known.TryGetValue(key, out var known))
            _known.Add(key, known = new Known { AtOnce = Math.Min(AtOnceFirst, settings.AtOncePerReceiver) });
        return known;
    }

    /// <summary>While the clock is moved, attempts are short and all due ones are made together, since the move waits for them.</summary>
    private int AtOnce(Known? known) => clock.Moving
        ? settings.AtOncePerReceiver
        : known?.AtOnce ?? Math.Min(AtOnceFirst, settings.AtOncePerReceiver);

    /// <summary>The number that may still be claimed.</summary>
    private int Room(Guid orgId, string receiver)
    {
        var known = _known.GetValueOrDefault((orgId, receiver));
        var atOnce = AtOnce(known);
        if (known is not { Failures: 0, IsSlow: false, AtOnce: > AtOnceFirst })
            return atOnce - (known?.UnderWay ?? 0);
        var room = (ClaimAhead * atOnce) - known.UnderWay;
        return room >= atOnce ? room : 0;
    }

    private int RoomOf(Guid orgId) => OrgAtOnceMax - _underWayOf.GetValueOrDefault(orgId);

    private int RoomOfAccount(Guid orgId, string account) => account.Length == 0
        ? OrgAtOnceMax
        : (AccountShare * RoomOf(orgId)) - _underWayOfAccount.GetValueOrDefault((orgId, account));

    /// <summary>Gives the budgets from which an org may claim, one by one.</summary>
    private sealed class Claiming
    {
        private readonly Receivers _all;
        private readonly Guid _orgId;
        private readonly Queue<(string Account, int Given, Queue<string> Budgets)> _accounts = [];
        private readonly Dictionary<string, int> _ofReceiver = new(StringComparer.Ordinal);
        private int _given;

        public Claiming(Receivers all, IGrouping<Guid, (Guid OrgId, string Budget)> due)
        {
            (_all, _orgId) = (all, due.Key);
            foreach (var account in due.GroupBy(pair => AccountOf(pair.Budget), pair => pair.Budget))
                _accounts.Enqueue((account.Key, 0, new Queue<string>(account)));
        }

        /// <summary>The budget for the next one; null: no more may be claimed.</summary>
        public (Guid OrgId, string Budget)? Next()
        {
            while (_given < _all.RoomOf(_orgId) && _accounts.TryDequeue(out var turn))
            {
                var (account, given, budgets) = turn;
                // What is given takes places of the account, and of those that are free to the org.
                if (given + (AccountShare * (account.Length == 0 ? 0 : _given)) >= _all.RoomOfAccount(_orgId, account))
                    continue;
                while (budgets.TryDequeue(out var budget))
                {
                    var receiver = ReceiverOf(budget);
                    var ofReceiver = _ofReceiver.GetValueOrDefault(receiver);
                    if (ofReceiver >= _all.Room(_orgId, receiver))
                        continue;
                    _ofReceiver[receiver] = ofReceiver + 1;
                    _given++;
                    budgets.Enqueue(budget);
                    _accounts.Enqueue((account, given + 1, budgets));
                    return (_orgId, budget);
                }
            }
            return null;
        }
    }

    private sealed class Known
    {
        public Queue<TaskCompletionSource<bool>> Waiting { get; } = [];
        public int UnderWay { get; set; }
        public int Sending { get; set; }
        public int AtOnce { get; set; }
        public int Failures { get; set; }
        public bool IsSlow { get; set; }

        public void SendAway()
        {
            while (Waiting.TryDequeue(out var turn))
                turn.SetResult(false);
        }
    }
}
