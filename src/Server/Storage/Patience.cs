using System.Diagnostics;

namespace Simkeeper.Server.Storage;

/// <summary>
/// The wait of a request for the store: it has a time, and its caller may go away before. It flows with the request's work, so no
/// room passes it on. Work that has none, of workers and at the start, waits for as long as it takes.
/// </summary>
internal sealed class Patience
{
    private static readonly AsyncLocal<Patience?> Ambient = new();

    private HttpContext? _request;
    private readonly long _until;

    private Patience(HttpContext request, TimeSpan time) =>
        (_request, _until) = (request, Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency));

    /// <summary>The patience of the request that runs this; null: there is none, or it waits for as long as it takes.</summary>
    public static Patience? Current => Ambient.Value is { _request: not null } patience ? patience : null;

    /// <summary>The org of the caller, once it is known.</summary>
    public Guid? OrgId { get; set; }

    /// <summary>Canceled once the caller has gone away.</summary>
    public CancellationToken Gone => _request?.RequestAborted ?? CancellationToken.None;

    /// <summary>The time that is left; zero if it is used up.</summary>
    public TimeSpan Left => _request is null
        ? Timeout.InfiniteTimeSpan
        : TimeSpan.FromSeconds(Math.Max(0, _until - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency);

    /// <summary>True if nobody waits any longer.</summary>
    public bool IsOver => _request is not null && (Stopwatch.GetTimestamp() >= _until || Gone.IsCancellationRequested);

    /// <summary>Runs a request with a patience of its own.</summary>
    public static async Task RunAsync(HttpContext request, RequestDelegate next, TimeSpan time)
    {
        var patience = new Patience(request, time);
        Ambient.Value = patience;
        try
        {
            await next(request);
        }
        finally
        {
            // What the request has started and goes on is nobody's wait any longer; the server uses its context for another request.
            patience.Lift();
        }
    }

    /// <summary>True while a request runs this, also one that waits for as long as it takes.</summary>
    public static bool IsRequest => Ambient.Value is not null;

    /// <summary>From now on this request waits for as long as it takes.</summary>
    public void Lift() => _request = null;

    /// <summary>Ends the work if nobody waits any longer.</summary>
    /// <exception cref="OutOfTimeException">The time is used up.</exception>
    /// <exception cref="OperationCanceledException">The caller has gone away.</exception>
    public void Check()
    {
        if (!IsOver)
            return;
        Gone.ThrowIfCancellationRequested();
        throw new OutOfTimeException();
    }
}

/// <summary>The time of a request is used up before its answer was there. Every API answers 503.</summary>
internal sealed class OutOfTimeException() : Exception("The time of the request is used up.")
{
    /// <summary>The wait before the next try that a caller is told, in seconds (<c>Retry-After</c>).</summary>
    public const int RetryAfterSeconds = 1;
}
