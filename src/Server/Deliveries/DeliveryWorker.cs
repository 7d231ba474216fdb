using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>Sends deliveries and records every attempt. Safe to retry; may send twice if the process dies before recording.</summary>
internal sealed class DeliveryWorker : IAsyncDisposable
{
    /// <summary>The part of an answer that is kept, in bytes.</summary>
    public const int AnswerBytesMax = 1024;

    /// <summary>The part of a redirect's target that is kept, in characters.</summary>
    private const int LocationMax = 300;

    /// <summary>
    /// The longest time of an attempt while the clock is moved, since the move waits for it. It is shorter for a receiver that is away:
    /// otherwise a move over days would wait for every one of its attempts in turn.
    /// </summary>
    private static readonly TimeSpan MovingTimeout = TimeSpan.FromSeconds(2), MovingAwayTimeout = TimeSpan.FromMilliseconds(100);

    private readonly Database _database;
    private readonly SimClock _clock;
    private readonly Messengers _messengers;
    private readonly Receivers _receivers;
    private readonly JobQueue _jobs;
    private readonly AttemptRecords _records;
    private readonly DeliveryFeed _feed;
    private readonly Chance _chance;
    private readonly DeliverySettings _settings;
    private readonly ReceiverConnections _connections;
    private readonly HttpMessageInvoker _http;

    /// <summary>The source of its jobs.</summary>
    public Receivers Receivers => _receivers;

    public DeliveryWorker(
        Database database, SimClock clock, Messengers messengers, Receivers receivers, JobQueue jobs, AttemptRecords records,
        DeliveryFeed feed, Chance chance, DeliverySettings settings, ReceiverConnections connections, NameLookups names, Seams seams)
    {
        _database = database;
        _clock = clock;
        _messengers = messengers;
        _receivers = receivers;
        _jobs = jobs;
        _records = records;
        _feed = feed;
        _chance = chance;
        _settings = settings;
        _connections = connections;
        var rules = new AddressRules(settings.AllowLocal, settings.AllowedRanges);
        _http = new HttpMessageInvoker(seams.Receiver(ReceiverTransport.Create(rules, settings, connections, names.FindAsync)));
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Runs one claimed delivery: makes an attempt, and decides on the next.</summary>
    public async Task RunAsync(Job job, CancellationToken stop)
    {
        if (!await _receivers.EnterAsync(job))
            await _jobs.FreeAsync(job);
        else if (await SendAsync(job, stop) is var (outgoing, attempt, at))
            await RecordAsync(outgoing, attempt, at);
        else
            await _database.WriteAsync(session => JobQueue.DeleteAsync(session, job.OrgId, JobKind.Delivery, job.SubjectId));
    }

    /// <summary>
    /// Records that a delivery's job has failed, as an attempt under its policy. If its row is broken, the policy is that of webhooks.
    /// </summary>
    public async Task<bool> FailedAsync(Job job, string reason)
    {
        try
        {
            if (await _database.ReadAsync(session => _messengers.ReadAsync(session, job.OrgId, job.SubjectId))
                is { Delivery.State: DeliveryState.Pending } outgoing)
            {
                await RecordAsync(outgoing, new Attempt(null, 0, null, reason, null), _clock.Now);
                return true;
            }
        }
        catch (Exception e) when (e is not StoreAwayException)
        {
            // The row, or what it is sent with, cannot be read.
        }
        await _records.RecordBrokenAsync(job, reason, _chance.Next());
        return true;
    }

    /// <summary>Sends it when its turn has come; null: there is nothing to send any more.</summary>
    private async Task<(Outgoing Outgoing, Attempt Attempt, DateTimeOffset At)?> SendAsync(Job job, CancellationToken stop)
    {
        try
        {
            var outgoing = _receivers.Take(job)
                ?? await _database.ReadAsync(session => _messengers.ReadAsync(session, job.OrgId, job.SubjectId));
            if (outgoing is not { Delivery.State: DeliveryState.Pending })
                return null;
            using var trace = Measured.Traces.StartActivity("deliver")?
                .SetTag("simkeeper.delivery", outgoing.Delivery.PublicId).SetTag("simkeeper.delivery.kind", outgoing.Delivery.Kind);
            var at = _clock.Now;
            if (_messengers.Of(outgoing.Delivery).Hindrance(outgoing) is { } hindrance)
                return (outgoing, new Attempt(null, 0, null, hindrance, null, Last: true), at);
            var attempt = await AttemptAsync(outgoing, Timeout(job), stop);
            _receivers.Heard(job, attempt.Status is not (null or 429 or >= 500), TimeSpan.FromMilliseconds(attempt.LatencyMs));
            return (outgoing, attempt, at);
        }
        finally
        {
            _receivers.Leave(job);
        }
    }

    private TimeSpan Timeout(Job job)
    {
        var most = !_clock.Moving ? _settings.Timeout : _receivers.IsAway(job) ? MovingAwayTimeout : MovingTimeout;
        return most < _settings.Timeout ? most : _settings.Timeout;
    }

    private async Task<Attempt> AttemptAsync(Outgoing outgoing, TimeSpan most, CancellationToken stop)
    {
        using var use = await _connections.BeginAsync(stop);
        use.Enter();
        var started = Stopwatch.GetTimestamp();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(most);
        Attempt Failed(string error) => new(null, Elapsed(), null, error, null);
        int Elapsed() => (int)Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        try
        {
            while (true)
            {
                try
                {
                    return await SendAsync(outgoing, Elapsed, timeout.Token);
                }
                catch (HttpRequestException e) when (ConnectionGivenUpException.IsCause(e))
                {
                    // Nothing was sent. Whoever took its place has it, so this ends with the time of the attempt at the latest.
                }
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Failed("The receiver did not answer in time.");
        }
        catch (HttpRequestException e)
        {
            return Failed(e switch
            {
                { InnerException: AddressRefusedException or CertificateRefusedException or NameLookupException } =>
                    e.InnerException.Message,
                { HttpRequestError: HttpRequestError.SecureConnectionError } =>
                    $"The TLS handshake with the receiver failed: {e.InnerException?.Message ?? e.Message}",
                _ => $"The receiver could not be reached ({e.HttpRequestError}).",
            });
        }
        catch (IOException)
        {
            return Failed("The receiver broke off its answer.");
        }
        catch (UriFormatException e)
        {
            return Failed($"Not sent. {e.Message}");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return Failed($"Not sent: the message could not be made ({e.GetType().Name}).");
        }
    }

    private async Task<Attempt> SendAsync(Outgoing outgoing, Func<int> elapsed, CancellationToken stop)
    {
        var now = _clock.Wall.GetUtcNow();
        using var request = _messengers.Build(outgoing, now);
        if (!_settings.AllowLocal && request.RequestUri!.Scheme != Uri.UriSchemeHttps)
            return new Attempt(null, elapsed(), null, "Only https URLs are called outside a sandbox.", null);
        request.Options.Set(ReceiverTransport.Account, outgoing.Delivery.AccountId);
        using var response = await _http.SendAsync(request, stop);
        var answer = await ReadAsync(response, stop);
        var error = response.IsSuccessStatusCode ? null : Refusal(response, request.RequestUri!);
        return new Attempt((int)response.StatusCode, elapsed(), answer, error, Wait(response.Headers.RetryAfter, now));
    }

    /// <summary>
    /// The error of an answer that is no success. Of the place that a redirect points to, it shows no more than the address and the path.
    /// </summary>
    private static string Refusal(HttpResponseMessage response, Uri asked)
    {
        var status = (int)response.StatusCode;
        if (status is not (300 or 301 or 302 or 303 or 307 or 308))
            return $"The receiver answered {status}.";
        var to = response.Headers.Location is { } location && Uri.TryCreate(asked, location, out var absolute)
            ? "and pointed to " + Requests.Shown(
                absolute.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped), LocationMax)
            : "without a Location";
        return $"The receiver answered {status} {to}. Redirects are not followed.";
    }

    private static TimeSpan? Wait(RetryConditionHeaderValue? retryAfter, DateTimeOffset now) =>
        retryAfter?.Delta ?? (retryAfter?.Date - now);

    /// <summary>Reads the start of the answer, as far as it comes. The status alone says if the message was taken.</summary>
    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken stop)
    {
        if (response.Content.Headers.ContentLength == 0)
            return "";
        var buffer = new byte[AnswerBytesMax];
        var length = 0;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(stop);
            int read;
            while ((read = await body.ReadAsync(buffer.AsMemory(length), stop)) > 0)
                length += read;
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            // The answer is kept for a person to read; a part of it is enough.
        }
        return Encoding.UTF8.GetString(buffer, 0, length).Replace("\0", "", StringComparison.Ordinal);
    }

    private async Task RecordAsync(Outgoing outgoing, Attempt attempt, DateTimeOffset at)
    {
        var delivery = outgoing.Delivery;
        var number = delivery.Attempts + 1;
        var jitter = _chance.Next();
        var policy = _messengers.Of(delivery).PolicyOf(delivery);
        var (state, wait) = attempt.Last ? (DeliveryState.Dead, default) : policy.After(number, attempt.Status, attempt.RetryAfter, jitter);
        Measured.Delivery(delivery.Kind, state.ToWire());
        var ended = new DeliveryAttempt(number, at, attempt.Status, attempt.LatencyMs, attempt.Answer, attempt.Error);
        if (await _records.RecordAsync(new Attempted(outgoing, ended, state, wait)))
            _feed.Tell(new AttemptEnded(delivery, ended, state));
    }

    /// <summary>The outcome of one attempt. No error shows more of a URL than its address: a URL can carry a secret.</summary>
    private sealed record Attempt(int? Status, int LatencyMs, string? Answer, string? Error, TimeSpan? RetryAfter, bool Last = false);
}
