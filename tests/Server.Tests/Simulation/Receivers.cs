using System.Net;

namespace Simkeeper.Server.Tests.Simulation;

/// <summary>
/// Whoever is called back. The first part of the path says how it behaves: <c>/ok/…</c>, <c>/flaky/…</c> until it recovers, <c>/dead/…</c>
/// for ever.
/// </summary>
/// <param name="poisons">True if it throws, at times, what nobody expects.</param>
internal sealed class Receivers(int seed, bool poisons)
{
    private readonly Lock _lock = new();
    private readonly Random _chance = new(seed);
    private readonly List<(string Path, Guid Delivery, bool Taken)> _calls = [];
    private bool _recovered;

    /// <summary>Every call that arrived, and whether it was answered with success.</summary>
    public IReadOnlyList<(string Path, Guid Delivery, bool Taken)> Calls
    {
        get
        {
            lock (_lock)
                return [.. _calls];
        }
    }

    public void Recover()
    {
        lock (_lock)
            _recovered = true;
    }

    public HttpMessageHandler Handler(Life life) => new CalledBy(life, this);

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        var path = request.RequestUri!.AbsolutePath;
        lock (_lock)
        {
            var fails = path.StartsWith("/dead/", StringComparison.Ordinal)
                || (path.StartsWith("/flaky/", StringComparison.Ordinal) && !_recovered && _chance.Next(10) < 7);
            _calls.Add((path, Guid.Parse(request.Headers.GetValues("kore-idempotency-token").Single()), !fails));
            if (!fails)
                return new HttpResponseMessage(HttpStatusCode.OK);
            return _chance.Next(poisons ? 4 : 3) switch
            {
                3 => throw new PoisonException(),
                0 => throw new HttpRequestException(HttpRequestError.ConnectionError),
                1 => throw new TaskCanceledException("The receiver does not answer."),
                _ => new HttpResponseMessage(HttpStatusCode.InternalServerError),
            };
        }
    }

    private sealed class CalledBy(Life life, Receivers receivers) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            life.CrashPoint();
            try
            {
                return Task.FromResult(receivers.Answer(request));
            }
            finally
            {
                life.CrashPoint();
            }
        }
    }
}
