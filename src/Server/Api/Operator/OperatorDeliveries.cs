using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Server.Deliveries;

namespace Simkeeper.Server.Api.Operator;

/// <summary>Deliveries as an operator sees them.</summary>
internal static class OperatorDeliveries
{
    public static void Write(Utf8JsonWriter json, Delivery delivery)
    {
        json.WriteStartObject();
        json.WriteString("id", delivery.PublicId);
        json.WriteString("kind", delivery.Kind);
        json.WriteString("url", delivery.Url);
        json.WriteString("method", delivery.Method);
        json.WriteString("state", delivery.State);
        json.WriteString("account", Ids.ToSid("AC", delivery.AccountId));
        json.WriteString("sim", delivery.SimId == Guid.Empty ? null : Ids.ToSid("DE", delivery.SimId));
        json.WriteString("endpoint", delivery.EndpointId is { } endpoint ? Ids.ToGigs(WebhookEndpoint.IdPrefix, endpoint) : null);
        json.WriteString("token", delivery.Token);
        json.WriteString("createdAt", JsonAnswer.Milliseconds(Ids.CreatedAt(delivery.Id)));
        json.WriteStartArray("attempts");
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
