namespace Simkeeper.Server.Hosting;

/// <summary>
/// Lets requests in, after their callers are known. It bounds how many of a kind are worked on at once and how many come in a second, for
/// each org, account, key and address.
/// </summary>
internal sealed class Door : IDisposable
{
    /// <summary>The answer to a request that has waited for its turn in vain says to come again after this many seconds.</summary>
    private const int AgainAfterSeconds = 1;

    /// <summary>Requests of an address that are refused at once in a minute; then each refusal takes <see cref="HeldFor"/>.</summary>
    private const int RefusedAtOnce = 100;

    /// <summary>Refusals that are held back end at this many moments, so that the next ones do not come all at once.</summary>
    private const int Moments = 64;

    /// <summary>The shortest time for which the refusal of a caller is held back who goes on nevertheless.</summary>
    private static readonly TimeSpan HeldFor = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan BetweenMoments = TimeSpan.FromMilliseconds(10);

    private readonly TimeProvider _wall;
    private readonly Neighbours _neighbours;
    private readonly Places[] _places;
    private readonly PerSecond _ofKey, _ofAccount, _ofAddress;
    private readonly PerMinute _refusals;
    private long _refused, _held;

    public Door(HttpLimits limits, TimeProvider wall)
    {
        _wall = wall;
        _neighbours = new Neighbours(wall);
        Places Of(PlaceLimits of) => new(of, limits.QueueTime, _neighbours, wall);
        var one = new PlaceLimits(limits.InFlightMax, limits.InFlightPerOrg, limits.InFlightPerAccount, limits.InFlightPerKey);
        // In the order of Work.
        _places =
        [
            Of(one),
            Of(one),
            Of(new(limits.ListsMax, limits.ListsPerOrg)),
            Of(new(limits.ImportsMax, limits.ImportsMax)),
            Of(new(limits.StreamsMax, limits.StreamsMax)),
        ];
        _ofKey = new PerSecond(limits.PerSecondOfKey, wall);
        _ofAccount = new PerSecond(limits.PerSecondOfAccount, wall);
        _ofAddress = new PerSecond(limits.PerSecondOfAddress, wall);
        _refusals = new PerMinute(RefusedAtOnce, wall);
    }

    /// <summary>Requests that were refused since the start.</summary>
    public long Refused => Interlocked.Read(ref _refused) + _places.Sum(places => places.Refused);

    /// <summary>Requests of a kind that are worked on.</summary>
    public int InFlight(Work work) => _places[(int)work].InFlight;

    /// <summary>Counts a request of an address, before its caller is known. Null: it may go on; else the whole seconds to wait.</summary>
    public ValueTask<int?> KnockAsync(HttpContext context) =>
        _ofAddress.Count(HashCode.Combine(PerMinute.Caller(context.Connection.RemoteIpAddress))) is { } seconds
            ? RefuseAsync(context, seconds)
            : default;

    /// <summary>
    /// Gives a request its place, at once or when its turn comes. It has the place only while the server works: from when its body has
    /// arrived until its answer begins. So a caller who sends or reads slowly holds up nobody.
    /// </summary>
    /// <param name="takesItsTime">True if it may read a large body for long: then it has the place all the time.</param>
    public async ValueTask<Place> EnterAsync(HttpContext context, Party party, Work work, bool takesItsTime = false)
    {
        if ((_ofKey.Count(party.KeyHash) ?? _ofAccount.Count(party.AccountHash)) is { } seconds)
            return new Place(null, party, await RefuseAsync(context, seconds));
        var isShort = work is Work.Read or Work.Change or Work.List && !takesItsTime;
        if (isShort)
            await context.Request.ArriveAsync();
        _neighbours.See(party);
        var places = _places[(int)work];
        if (!await places.EnterAsync(party, context.RequestAborted))
            return new Place(null, party, AgainAfterSeconds);
        var place = new Place(places, party, null);
        if (isShort)
            context.Response.OnStarting(LeaveAsync, place);
        return place;
    }

    /// <summary>Holds a refusal back for a while, if the caller has had many of them and goes on.</summary>
    public async ValueTask HoldAsync(HttpContext context)
    {
        if (_refusals.Count(PerMinute.Caller(context.Connection.RemoteIpAddress)) is null)
            return;
        try
        {
            await Task.Delay(HeldFor + (BetweenMoments * (Interlocked.Increment(ref _held) % Moments)), _wall, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // Nobody waits for it any more.
        }
    }

    public void Dispose()
    {
        foreach (var places in _places)
            places.Dispose();
    }

    private static Task LeaveAsync(object place)
    {
        ((Place)place).Dispose();
        return Task.CompletedTask;
    }

    private async ValueTask<int?> RefuseAsync(HttpContext context, int seconds)
    {
        Interlocked.Increment(ref _refused);
        await HoldAsync(context);
        return seconds;
    }
}

/// <summary>The place of a request that is worked on. It is given back when it is disposed.</summary>
/// <param name="retryAfter">There was no place: the whole seconds to wait before the next try.</param>
internal sealed class Place(Places? places, Party party, int? retryAfter) : IDisposable
{
    private Places? _places = places;

    public int? RetryAfter => retryAfter;

    public void Dispose() => Interlocked.Exchange(ref _places, null)?.Leave(party);
}
