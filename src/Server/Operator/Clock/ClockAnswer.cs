using System.ComponentModel.DataAnnotations;
using Simkeeper.Server.Clock;

namespace Simkeeper.Server.Operator;

/// <summary>The clock that SIMs live by.</summary>
/// <example>{"now": "2026-01-05T03:04:05.678Z", "offset": "3d", "frozen": false}</example>
internal sealed record ClockAnswer
{
    public required DateTimeOffset Now { get; init; }

    /// <summary>The lead over the server's clock; a frozen clock falls behind.</summary>
    [RegularExpression(Patterns.SignedDuration)]
    public required TimeSpan Offset { get; init; }

    public required bool Frozen { get; init; }

    public static ClockAnswer Of(SimClock clock) => new() { Now = clock.Now, Offset = clock.Offset, Frozen = clock.Frozen };
}
