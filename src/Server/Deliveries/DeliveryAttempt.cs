namespace Simkeeper.Server.Deliveries;

/// <summary>One try to send a delivery, as stored.</summary>
/// <param name="At">SIM clock.</param>
/// <param name="Status">Null: no answer.</param>
/// <param name="Answer">Its first bytes.</param>
/// <param name="Error">Null: it was taken.</param>
internal sealed record DeliveryAttempt(int Number, DateTimeOffset At, int? Status, int LatencyMs, string? Answer, string? Error);
