namespace Simkeeper.Server.Deliveries;

/// <summary>One try to send a delivery, as stored.</summary>
/// <param name="At">SIM clock.</param>
/// <param name="Status">The HTTP status; null: there was no answer.</param>
/// <param name="Answer">The first bytes of the answer.</param>
/// <param name="Error">The reason of a failure; null: the receiver took the message.</param>
internal sealed record DeliveryAttempt(int Number, DateTimeOffset At, int? Status, int LatencyMs, string? Answer, string? Error);
