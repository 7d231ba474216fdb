
namespace Simkeeper.Core.Deliveries;

/// <summary>The state of a message: under way, arrived or given up.</summary>
public enum DeliveryState
{
    /// <summary>It is still to be tried, or tried again.</summary>
    Pending,

    /// <summary>The receiver has taken it.</summary>
    Delivered,

    /// <summary>It is not tried any more unless a person asks for it.</summary>
    Dead,
}

/// <summary>The wire names of the states of deliveries.</summary>
public static class DeliveryStateNames
{
    /// <summary>All names, in the order of the states.</summary>
    public static readonly IReadOnlyList<string> All = [.. Enum.GetValues<DeliveryState>().Select(ToWire)];

    public static string ToWire(this DeliveryState state) => state switch
    {
        DeliveryState.Pending => "pending",
        DeliveryState.Delivered => "delivered",
        DeliveryState.Dead => "dead",
    };

    /// <summary>Gives the state of this name; null: no state has it.</summary>
    public static DeliveryState? Parse(string? name) => name switch
    {
        "pending" => DeliveryState.Pending,
        "delivered" => DeliveryState.Delivered,
        "dead" => DeliveryState.Dead,
        _ => null,
    };
}

/// <summary>The rules by which a message is tried again.</summary>
public sealed class DeliveryPolicy
{
    /// <summary>The least and the most that a receiver can ask us to wait (<c>Retry-After</c>, RFC 9110 10.2.3).</summary>
    public static readonly TimeSpan RetryAfterMin = TimeSpan.FromSeconds(1), RetryAfterMax = TimeSpan.FromHours(10);

    /// <summary>
    /// Tries at once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h, the schedule of Svix. A receiver can ask for another time, or
    /// with 410 for an end.
    /// </summary>
    public static readonly DeliveryPolicy Durable = new("durable",
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(10),
    ]);

    /// <summary>Tries once more after 408, 423, a 5xx or no answer ("Connection Settings").</summary>
    public static readonly DeliveryPolicy Faithful = new("faithful", [TimeSpan.FromSeconds(1)]);

    private const int Gone = 410;
    private readonly TimeSpan[] _waits;

    private DeliveryPolicy(string name, TimeSpan[] waits)
    {
        Name = name;
        _waits = waits;
    }

    /// <summary>The name of the policy: <c>durable</c> or <c>faithful</c>.</summary>
    public string Name { get; }

    /// <summary>Gives the policy of this name; null: there is none.</summary>
    public static DeliveryPolicy? Named(string name) => name switch
    {
        "durable" => Durable,
        "faithful" => Faithful,
        _ => null,
    };

    /// <summary>Decides what follows from an attempt.</summary>
    /// <param name="attempts">Attempts made so far, from 1.</param>
    /// <param name="status">The HTTP status of the answer; null: there was none.</param>
    /// <param name="retryAfter">
    /// The wait that the receiver asked for; held between <see cref="RetryAfterMin"/> and <see cref="RetryAfterMax"/>.
    /// </param>
    /// <param name="jitter">In [0, 1): adds up to a tenth, so that many deliveries do not come back at the same time.</param>
    /// <returns>The state and, while it is pending, the wait before the next attempt.</returns>
    public (DeliveryState State, TimeSpan Wait) After(int attempts, int? status, TimeSpan? retryAfter, double jitter)
    {
        if (status is >= 200 and < 300)
            return (DeliveryState.Delivered, TimeSpan.Zero);
        if (attempts > _waits.Length || !IsTriedAgain(status))
            return (DeliveryState.Dead, TimeSpan.Zero);
        var wait = this == Durable && retryAfter is { } asked ? Clamp(asked) : _waits[attempts - 1];
        return (DeliveryState.Pending, wait * (1 + (jitter / 10)));
    }

    private bool IsTriedAgain(int? status) => this == Durable ? status != Gone : status is null or 408 or 423 or >= 500;

    private static TimeSpan Clamp(TimeSpan wait) => wait < RetryAfterMin ? RetryAfterMin : wait > RetryAfterMax ? RetryAfterMax : wait;
}
