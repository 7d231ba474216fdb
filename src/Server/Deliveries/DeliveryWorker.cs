using System.Diagnostics;
using System.Net;
using System.Text;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>Sends callbacks, signs them, and records every attempt. At least once: whoever dies between sending and recording sends again.</summary>
internal sealed class DeliveryWorker : IDisposable
{
    /// <summary>Attempts under way at once.</summary>
    public const int AtOnceMax = 64;

    /// <summary>How much of an answer is kept, in bytes.</summary>
    public const int AnswerBytesMax = 1024;

    /// <summary>How long an attempt may take while the clock is moved, which waits for it.</summary>
    private static readonly TimeSpan MovingTimeout = TimeSpan.FromSeconds(2);

    private readonly Database _database;
    private readonly SimClock _clock;
    private readonly DeliveryRequests _requests;
    private readonly WebhookEndpoints _endpoints;
    private readonly DeliveryFeed _feed;
    private readonly Random _chance;
    private readonly Settings _settings;
    private readonly HttpClient _http;

    public DeliveryWorker(Database database, SimClock clock, DeliveryRequests requests, WebhookEndpoints endpoints, DeliveryFeed feed,
        Random chance, Settings settings, Func<HttpMessageHandler, HttpMessageHandler> receiver)
    {
        _database = database;
        _clock = clock;
        _requests = requests;
        _endpoints = endpoints;
        _feed = feed;
        _chance = chance;
        _settings = settings;
        _http = new HttpClient(receiver(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = settings.ConnectTimeout,
            AutomaticDecompression = DecompressionMethods.None,
        }))
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public void Dispose() => _http.Dispose();

    /// <summary>One claimed delivery: an attempt, and what follows from it.</summary>
    public async Task RunAsync(Job job, CancellationToken stop)
    {
        var outgoing = await _database.ReadAsync(async session =>
            await session.OneAsync(DeliverySql.ById, DeliverySql.Read, job.OrgId, job.SubjectId) is { State: "pending" } found
                ? await Outgoing.OfAsync(session, found)
                : null);
        if (outgoing is null)
        {
            await _database.WriteAsync(session => JobQueue.DeleteAsync(session, job.OrgId, JobKind.Delivery, job.SubjectId));
            return;
        }
        var at = _clock.Now;
        var attempt = outgoing.Hindrance is { } hindrance
            ? new Attempt(null, 0, null, hindrance, Last: true)
            : await AttemptAsync(outgoing, stop);
        await RecordAsync(outgoing, attempt, at);
    }

    private async Task<Attempt> AttemptAsync(Outgoing outgoing, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(_clock.Moving && MovingTimeout < _settings.DeliveryTimeout ? MovingTimeout : _settings.DeliveryTimeout);
        int Elapsed() => (int)Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        try
        {
            using var request = _requests.Build(outgoing, _clock.Wall.GetUtcNow());
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            var answer = await ReadAsync(response, timeout.Token);
            var error = response.IsSuccessStatusCode ? null : $"The receiver answered {(int)response.StatusCode}.";
            return new Attempt((int)response.StatusCode, Elapsed(), answer, error);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new Attempt(null, Elapsed(), null, "The receiver did not answer in time.");
        }
        catch (HttpRequestException e)
        {
            return new Attempt(null, Elapsed(), null, $"The receiver could not be reached ({e.HttpRequestError}).");
        }
        catch (IOException)
        {
            return new Attempt(null, Elapsed(), null, "The receiver broke off its answer.");
        }
    }

    /// <summary>The start of the answer, as far as it comes: the status alone says whether the message was taken.</summary>
    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken stop)
    {
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
            // It is kept for a person to read; half of it will do.
        }
        return Encoding.UTF8.GetString(buffer, 0, length).Replace("\0", "", StringComparison.Ordinal);
    }

    private async Task RecordAsync(Outgoing outgoing, Attempt attempt, DateTimeOffset at)
    {
        var delivery = outgoing.Delivery;
        var number = delivery.Attempts + 1;
        double jitter;
        lock (_chance)
            jitter = _chance.NextDouble();
        var wait = attempt.Error is null || attempt.Last ? null : RetrySchedule.After(number, jitter);
        var state = attempt.Error is null ? "delivered" : wait is null ? "dead" : "pending";
        var recorded = await _database.WriteAsync(async session =>
        {
            if (await session.ExecuteAsync(DeliverySql.Update, state, number, delivery.OrgId, delivery.Id) == 0)
                return false;
            await session.ExecuteAsync(DeliverySql.InsertAttempt, delivery.OrgId, delivery.Id, number, at,
                (long?)attempt.Status, attempt.LatencyMs, attempt.Answer, attempt.Error);
            if (wait is { } span)
                await JobQueue.PutAsync(session, delivery.OrgId, JobKind.Delivery, delivery.Id, Lane.Deliveries, _clock.Now + span);
            else
                await JobQueue.DeleteAsync(session, delivery.OrgId, JobKind.Delivery, delivery.Id);
            if (delivery.EndpointId is not null)
                await _endpoints.AttemptedAsync(session, delivery, outgoing.Endpoint, attempt.Error is null, state);
            return true;
        });
        if (recorded)
        {
            _feed.Tell(new AttemptEnded(
                delivery, new DeliveryAttempt(number, at, attempt.Status, attempt.LatencyMs, attempt.Answer, attempt.Error), state));
        }
    }

    private sealed record Attempt(int? Status, int LatencyMs, string? Answer, string? Error, bool Last = false);
}
