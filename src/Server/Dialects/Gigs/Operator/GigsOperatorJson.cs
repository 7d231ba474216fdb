using System.Text.Json.Serialization;
using Simkeeper.Server.Operator;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>The JSON of the dialect's part of the operator API.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(WordConverter<EndpointState>)])]
[JsonSerializable(typeof(WebhookEndpointAnswer))]
[JsonSerializable(typeof(CreatedWebhookEndpointAnswer))]
[JsonSerializable(typeof(PageOf<WebhookEndpointAnswer>))]
internal sealed partial class GigsOperatorJson : JsonSerializerContext;
