using Simkeeper.Core.Operations;
using Simkeeper.Server.Clock;

namespace Simkeeper.Server.Carriers;

/// <summary>Keeps one carrier within its budget. While the carrier is away, lets one operation at a time look if it is back.</summary>
internal sealed class Governor(CarrierLimits limits, SimClock clock)
{
    private static readonly TimeSpan NoRoomWait = TimeSpan.FromSeconds(1);

    /// <summary>A step back of the clock by no more than this is waited out.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();

    private readonly Dictionary<Guid, Sent> _inFlight = [];

    private DateTimeOffset _nextCall;
    private DateTimeOffset? _awaySince;
    private DateTimeOffset? _awayUntil;
    private int _failedProbes;
    private Guid? _probe;

    public CarrierLimits Limits { get; set; } = limits;

    public GovernorState State
    {
        get
        {
            lock (_lock)
                return new GovernorState(_inFlight.Count, _awaySince);
        }
    }

    /// <summary>The time between two calls.</summary>
    private TimeSpan BetweenCalls => Limits.CallsPerSecond > 0 ? TimeSpan.FromSeconds(1.0 / Limits.CallsPerSecond) : TimeSpan.Zero;

    /// <summary>Says how many operations may be claimed, and when there will be room if there is none.</summary>
    public (int Jobs, DateTimeOffset? Again) Room(DateTimeOffset now)
    {
        lock (_lock)
        {
            ForgetAfterSetBack();
            // The carrier is away: due operations are still claimed, and each is told to wait.
            if (_awayUntil is not null)
                return (Jobs.JobQueue.ClaimMax, null);
            var free = Limits.InFlight - _inFlight.Count;
            if (free <= 0)
                return (0, null);
            if (Limits.CallsPerSecond == 0)
                return (Math.Min(free, Jobs.JobQueue.ClaimMax), null);
            return _nextCall <= now ? (1, null) : (0, _nextCall);
        }
    }

    /// <summary>Decides if an operation may go to the carrier now. If so, <see cref="Leave"/> follows its answer.</summary>
    /// <param name="isSent">True if the carrier is working on it: to ask again is no new call.</param>
    public Entry TryEnter(Guid operationId, bool isSent, DateTimeOffset now)
    {
        lock (_lock)
        {
            ForgetAfterSetBack();
            var isCounted = _inFlight.TryGetValue(operationId, out var sent);
            if (!isSent)
            {
                if (!HasRoom(isCounted, now))
                {
                    return _awayUntil > now
                        ? new Entry(EntryKind.Away, _awayUntil.Value)
                        : new Entry(EntryKind.NoRoom, Limits.CallsPerSecond > 0 && _nextCall > now ? _nextCall : now + NoRoomWait);
                }
                if (_awayUntil is not null)
                    _probe = operationId;
                if (Limits.CallsPerSecond > 0)
                    _nextCall = (now > _nextCall ? now : _nextCall) + BetweenCalls;
            }
            _inFlight[operationId] = sent with { Askers = sent.Askers + 1 };
            return new Entry(EntryKind.Enter);
        }
    }

    /// <summary>Counts an operation that an earlier process had sent.</summary>
    public void Resume(Guid operationId)
    {
        lock (_lock)
            _inFlight.TryAdd(operationId, default);
    }

    /// <summary>True if all room is taken.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock)
                return _inFlight.Count >= Limits.InFlight;
        }
    }

    /// <summary>The operations that use room and that no worker is asking about.</summary>
    public IReadOnlyList<Guid> Waiting()
    {
        lock (_lock)
            return [.. _inFlight.Where(operation => operation.Value.Askers == 0).Select(operation => operation.Key)];
    }

    /// <summary>Forgets those that are not sent any more: another server has seen their end.</summary>
    /// <param name="waiting">Read before <paramref name="sent"/> was read: an operation is stored as sent before it waits.</param>
    public void KeepOnly(IReadOnlyList<Guid> waiting, IReadOnlySet<Guid> sent)
    {
        lock (_lock)
        {
            foreach (var id in waiting.Where(id => !sent.Contains(id) && _inFlight.GetValueOrDefault(id).Askers == 0))
                _inFlight.Remove(id);
        }
    }

    /// <summary>Lets the next operation look, since somebody thinks that an away carrier is back.</summary>
    public void LookNow(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_awayUntil > now)
                _awayUntil = now;
        }
    }

    /// <summary>
    /// Notes the end of an operation. Its place is freed once no worker is asking about it: until then the carrier may still be told of it.
    /// </summary>
    public void Ended(Guid operationId)
    {
        lock (_lock)
        {
            if (!_inFlight.TryGetValue(operationId, out var sent))
                return;
            if (sent.Askers > 0)
                _inFlight[operationId] = sent with { HasEnded = true };
            else
                _inFlight.Remove(operationId);
        }
    }

    /// <summary>Notes that the carrier answered, or never will.</summary>
    public void Leave(Guid operationId, CarrierAnswer? answer, DateTimeOffset now, double jitter)
    {
        lock (_lock)
        {
            var sent = _inFlight.GetValueOrDefault(operationId);
            sent = sent with { Askers = Math.Max(0, sent.Askers - 1) };
            if (sent.Askers > 0 || (answer is CarrierAnswer.Pending && !sent.HasEnded))
                _inFlight[operationId] = sent;
            else
                _inFlight.Remove(operationId);
            var isProbe = _probe == operationId;
            // Also when there will be no answer: otherwise the carrier would count as away for ever.
            if (isProbe)
                _probe = null;
            if (answer is CarrierAnswer.Unavailable)
            {
                // Changes that were under way when the carrier went away do not show how long it stays away.
                if (isProbe || _awayUntil is null)
                    _awayUntil = now + Backoff.After(++_failedProbes, jitter);
                _awaySince ??= now;
            }
            else if (answer is not null)
            {
                _failedProbes = 0;
                (_awayUntil, _awaySince) = (null, null);
            }
        }
    }

    /// <summary>
    /// A wait that is longer than any wait can be began before the clock was set back: it is over. The clock itself says so. The time of a
    /// caller may be from before the clock was moved on.
    /// </summary>
    private void ForgetAfterSetBack()
    {
        var now = clock.Now;
        if (_nextCall > now + BetweenCalls + Slack)
            _nextCall = now;
        if (_awayUntil > now + Backoff.Longest + Slack)
            _awayUntil = now;
        if (_awaySince > now + Slack)
            _awaySince = now;
    }

    /// <summary>
    /// Says if a change may go. One free slot may have let several jobs be claimed. While the carrier is away, one change at a time looks
    /// for it.
    /// </summary>
    private bool HasRoom(bool isCounted, DateTimeOffset now)
    {
        if (Limits.CallsPerSecond > 0 && now < _nextCall)
            return false;
        return _awayUntil is { } until ? _probe is null && now >= until : isCounted || _inFlight.Count < Limits.InFlight;
    }

    /// <summary>An operation that uses room.</summary>
    /// <param name="Askers">The number of workers that are telling the carrier of it, or asking about it, at this moment.</param>
    /// <param name="HasEnded">True if nobody waits for its answer any more.</param>
    private readonly record struct Sent(int Askers, bool HasEnded);
}
