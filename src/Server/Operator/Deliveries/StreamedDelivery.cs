using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Deliveries;

namespace Simkeeper.Server.Operator;

/// <summary>A delivery with everything that it takes to send it as the server does.</summary>
internal sealed record StreamedDelivery : DeliveryHead
{
    /// <param name="request">Its request as it would be now. The URL's own credentials are the receiver's secret and are left out.</param>
    [SetsRequiredMembers]
    public StreamedDelivery(Outgoing outgoing, HttpRequestMessage request, Messengers messengers)
        : base(Of(outgoing.Delivery, messengers))
    {
        request.Headers.Authorization = null;
        Event = messengers.Of(outgoing.Delivery).EventType(outgoing.Delivery);
        Headers = request.Headers.Concat(request.Content?.Headers.AsEnumerable() ?? [])
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value));
        Body = outgoing.Delivery.Body;
    }

    /// <summary>The type of the event, null for a callback.</summary>
    [JsonPropertyOrder(1)]
    public string? Event { get; }

    [JsonPropertyOrder(2)]
    public IReadOnlyDictionary<string, string> Headers { get; }

    [JsonPropertyOrder(3)]
    public byte[] Body { get; }
}

/// <summary>The end of an attempt.</summary>
internal sealed record StreamedAttempt
{
    public required string Delivery { get; init; }

    public required string Kind { get; init; }

    public required string? Event { get; init; }

    public required string Url { get; init; }

    public required DeliveryState State { get; init; }

    public required int Number { get; init; }

    public required DateTimeOffset At { get; init; }

    public required int? Status { get; init; }

    public required int LatencyMs { get; init; }

    public required string? Answer { get; init; }

    public required string? Error { get; init; }

    public static StreamedAttempt Of(AttemptEnded ended, Messengers messengers) => new()
    {
        Delivery = ended.Delivery.PublicId,
        Kind = ended.Delivery.Kind,
        Event = messengers.Of(ended.Delivery).EventType(ended.Delivery),
        Url = messengers.ShownUrl(ended.Delivery),
        State = ended.State,
        Number = ended.Attempt.Number,
        At = ended.Attempt.At,
        Status = ended.Attempt.Status,
        LatencyMs = ended.Attempt.LatencyMs,
        Answer = ended.Attempt.Answer,
        Error = ended.Attempt.Error,
    };
}
