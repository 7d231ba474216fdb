using System.Diagnostics;
using System.Text.Json;

namespace Simkeeper.Bench;

/// <summary>
/// The load of a soak, a process of its own: it finds out how much the server completes, and then offers a multiple of that at a steady
/// rate, whether earlier requests were answered or not.
/// </summary>
internal sealed class SoakLoad
{
    /// <summary>The argument that makes a process of this program the load; the file of the plan follows.</summary>
    public const string Argument = "--soak-load";

    private const double Overload = 2;

    /// <summary>Callers that find out how much the server completes; each sends its next request when the last one is answered.</summary>
    private const int Callers = 64;

    /// <summary>Requests of one org that may be under way. One that is due beyond them is not started and counts as such.</summary>
    private const int OutstandingMax = 1000;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Calibration = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    /// <summary>Of answers that ought not to be, the first ones are shown.</summary>
    private const int ShownMax = 10;

    private readonly SoakCounts _counts = new();
    private readonly List<SoakCaller> _callers;
    private readonly SoakCaller _operator;
    private int _shown;

    private SoakLoad(SoakPlan plan)
    {
        _callers = [.. plan.Orgs.Select(org => new SoakCaller(plan.Url, org.Address))];
        _operator = new SoakCaller(plan.Url, "127.0.1.100");
        Requests = new SoakRequests(plan);
    }

    private SoakRequests Requests { get; }

    /// <summary>
    /// Writes the rate of the load, and then a line with the counts for each line that it reads; it ends when there is no line any more.
    /// </summary>
    public static async Task RunAsync(string file)
    {
        ThreadPool.SetMinThreads(16, 16);
        await using var stream = File.OpenRead(file);
        var plan = (await JsonSerializer.DeserializeAsync<SoakPlan>(stream))!;
        var load = new SoakLoad(plan);
        var completed = await load.CalibrateAsync();
        Console.WriteLine(JsonSerializer.Serialize(new SoakRate(completed, Overload * completed)));
        SoakNuisances.Start(plan);
        _ = load.OfferAsync(Overload * completed);
        while (await Console.In.ReadLineAsync() is not null)
            Console.WriteLine(JsonSerializer.Serialize(load._counts.Take()));
    }

    /// <summary>Requests that the server completes a second when each caller waits for its answer.</summary>
    private async Task<double> CalibrateAsync()
    {
        using var stop = new CancellationTokenSource(WarmUp + Calibration);
        var completed = 0L;
        var callers = Enumerable.Range(0, Callers).Select(number => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await SendAsync(number % _callers.Count, Stopwatch.GetTimestamp());
        })).ToList();
        await Task.Delay(WarmUp);
        completed = -_counts.Completed;
        var started = Stopwatch.GetTimestamp();
        await Task.Delay(Calibration);
        completed += _counts.Completed;
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await Task.WhenAll(callers);
        _counts.Forget();
        return completed / seconds;
    }

    private async Task OfferAsync(double perSecond)
    {
        using var timer = new PeriodicTimer(Tick);
        var started = Stopwatch.GetTimestamp();
        for (var sent = 0L; await timer.WaitForNextTickAsync();)
        {
            for (; sent < Stopwatch.GetElapsedTime(started).TotalSeconds * perSecond; sent++)
            {
                var due = started + (long)(sent / perSecond * Stopwatch.Frequency);
                _ = SendAsync((int)(sent % _callers.Count), due);
            }
        }
    }

    /// <summary>Sends a request of the mix in the name of an org, or of the operator.</summary>
    /// <param name="due">The time from which its answer is waited for (<see cref="Stopwatch.GetTimestamp"/>).</param>
    private async Task SendAsync(int org, long due)
    {
        var (make, ofOperator) = Requests.Next();
        var caller = ofOperator ? _operator : _callers[org];
        _counts.Offered();
        if (!caller.Begin(OutstandingMax))
        {
            _counts.NotStarted();
            return;
        }
        try
        {
            using var request = make(org);
            using var answer = await caller.Client.SendAsync(request);
            if (_counts.Answered((int)answer.StatusCode, Stopwatch.GetElapsedTime(due)) && Interlocked.Increment(ref _shown) <= ShownMax)
            {
                Console.Error.WriteLine($"  {request.Method} {request.RequestUri!.AbsolutePath}: {(int)answer.StatusCode} "
                    + await answer.Content.ReadAsStringAsync());
            }
        }
        catch (OperationCanceledException)
        {
            _counts.Late();
        }
        catch (HttpRequestException)
        {
            _counts.Broken();
        }
        finally
        {
            caller.End();
        }
    }
}

/// <summary>The first line that the load says: requests a second that the server completed, and that it is offered from now on.</summary>
internal sealed record SoakRate(double Completed, double Offered);
