using System.ComponentModel.DataAnnotations;
using Simkeeper.Server.Deliveries;

namespace Simkeeper.Server.Operator;

/// <summary>One attempt to deliver.</summary>
internal sealed record AttemptAnswer
{
    [Range(1, int.MaxValue)]
    public required int Number { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>HTTP status of the answer; null without one.</summary>
    public required int? Status { get; init; }

    [Range(0, int.MaxValue)]
    public required int LatencyMs { get; init; }

    /// <summary>The first 1 KB of the answer.</summary>
    public required string? Answer { get; init; }

    /// <summary>Why it failed; null when it was taken.</summary>
    public required string? Error { get; init; }

    public static AttemptAnswer Of(DeliveryAttempt attempt) => new()
    {
        Number = attempt.Number,
        At = attempt.At,
        Status = attempt.Status,
        LatencyMs = attempt.LatencyMs,
        Answer = attempt.Answer,
        Error = attempt.Error,
    };
}
