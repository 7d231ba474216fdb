using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;

namespace Simkeeper.Server.Operator;

/// <summary>Moves the clock forward.</summary>
/// <remarks>All that falls due on the way is done at its own moment and in order. Refused with 409 outside a sandbox.</remarks>
internal static class AdvanceClock
{
    /// <summary>The longest wait for a move; after it the answer is that the move goes on.</summary>
    public static readonly TimeSpan AnswerAfter = TimeSpan.FromSeconds(30);

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/clock/advance", RunAsync).TakesItsTime()
        .WithMetadata(new OtherAnswer(202, typeof(ClockMovingAnswer))).CanFail(ProblemCode.StateForbids, ProblemCode.Conflict);

    private static async Task<Answer<ClockAnswer>> RunAsync(Body<ClockMove> body, SimClock clock, MoveClock move)
    {
        var (by, to) = (body.Value.By ?? TimeSpan.Zero, body.Value.To);
        var started = await move.StartAsync(now => to ?? now + by);
        if (started.Error is { } error)
            return error;
        var (target, done) = started.Value;
        try
        {
            await done.WaitAsync(AnswerAfter, clock.Wall);
            return ClockAnswer.Of(clock);
        }
        catch (TimeoutException)
        {
            return Answer<ClockAnswer>.Else(202, new ClockMovingAnswer { Now = clock.Now, Target = target });
        }
    }
}

/// <summary>The way to move the clock, or the time to move it to: one of them.</summary>
/// <example>{"by": "72h"}</example>
internal sealed record ClockMove : IReadJson<ClockMove>
{
    /// <summary>At most 100 years.</summary>
    public required TimeSpan? By { get; init; }

    /// <summary>Not in the past, at most 100 years ahead.</summary>
    public required DateTimeOffset? To { get; init; }

    public static ClockMove Read(JsonFields fields)
    {
        var move = new ClockMove { By = fields.Duration("by"), To = fields.Time("to") };
        if (move.By is null == move.To is null)
            fields.Refuse("by", "Give by, a duration such as 72h, or to, a time.");
        if (move.By > MoveClock.OffsetMax)
            fields.Refuse("by", "The clock moves at most 100 years.");
        return move;
    }
}

/// <summary>A move that takes over 30 s and goes on; the clock shows how far it is.</summary>
/// <example>{"now": "2026-05-06T07:08:09.101Z", "target": "2027-01-02T03:04:05.678Z"}</example>
internal sealed record ClockMovingAnswer
{
    public required DateTimeOffset Now { get; init; }

    public required DateTimeOffset Target { get; init; }
}
