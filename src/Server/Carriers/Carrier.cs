using System.Diagnostics;
using Simkeeper.Core;
using Simkeeper.Core.Operations;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Carriers;

/// <summary>A carrier of the installation: its adapter, its budget, and the time that a call may take.</summary>
/// <param name="faulty">The faults around the adapter; null outside a sandbox.</param>
/// <param name="clock">The clock of SIMs. The wall clock below it measures a call: a move of the SIM clock ends none.</param>
internal sealed class Carrier(
    string id, ICarrier adapter, FaultyCarrier? faulty, Governor governor, TimeSpan timeout, SimClock clock, ILogger log)
{
    public string Id => id;

    public ICarrier Adapter => adapter;

    public Governor Governor => governor;

    /// <summary>The answer to a wish that this carrier cannot fulfil; null: it can.</summary>
    public CarrierAnswer.Refused? Cannot(Wish wish) => adapter.Capabilities.HasFlag(wish.Needs)
        ? null
        : new CarrierAnswer.Refused(null, wish.Match(
            status: _ => "This carrier cannot change the status of SIMs.",
            reset: _ => "This carrier cannot reset connections.",
            command: _ => "This carrier cannot send Commands.",
            data: _ => "This carrier cannot limit data."));

    /// <summary>
    /// Asks the adapter. An exception from it is <see cref="CarrierAnswer.Unknown"/>. A call that takes too long is ended: its answer is
    /// <see cref="CarrierAnswer.Unavailable"/> if nothing has gone out, and <see cref="CarrierAnswer.Unknown"/> if something has.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> came first: the job is picked up again.</exception>
    public async Task<CarrierAnswer> AskAsync(CarrierCall call, CancellationToken stop)
    {
        using var trace = Measured.Traces.StartActivity("carrier call")?
            .SetTag("simkeeper.carrier", id).SetTag("simkeeper.sim", call.Sim.Sid);
        if (call.Wish is Wish.ToStatus or Wish.ResetConnection)
            trace?.SetTag("simkeeper.operation", Ids.ToBase62("op", call.Key));
        var started = Stopwatch.GetTimestamp();
        var answer = await CallAsync(call, stop);
        Measured.CarrierCall(id, answer.GetType().Name, Stopwatch.GetElapsedTime(started));
        return InTime(answer, call.Now);
    }

    /// <summary>True if the carrier gives an answer twice, as a sandbox's carrier may.</summary>
    public bool AnswersTwice(CarrierCall call, CarrierAnswer answer) => faulty?.AnswersTwice(call, answer) == true;

    /// <summary>A wait that an answer asks for counts from the call; if the clock was set back since, it counts from there.</summary>
    private CarrierAnswer InTime(CarrierAnswer answer, DateTimeOffset asked) =>
        answer is CarrierAnswer.Pending { Until: { } until } && clock.Now is var now && now < asked
            ? new CarrierAnswer.Pending(until - (asked - now))
            : answer;

    private async Task<CarrierAnswer> CallAsync(CarrierCall call, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(timeout, clock.Wall);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        try
        {
            // An adapter that does not heed its end is not waited for; one that is about to answer when the server stops, is.
            return await adapter.ApplyAsync(call, over.Token).WaitAsync(late.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            call.Close();
            throw;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return call.Close()
                ? new CarrierAnswer.Unknown("The carrier did not answer in time.")
                : new CarrierAnswer.Unavailable("The carrier could not be reached in time.");
        }
        catch (Exception e)
        {
            call.Close();
            log.LogError(e, "A call to the carrier {Carrier} broke off; it is asked again.", id);
            return new CarrierAnswer.Unknown("The call to the carrier broke off.");
        }
    }
}
