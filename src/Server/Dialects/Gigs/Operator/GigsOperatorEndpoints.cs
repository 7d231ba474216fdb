using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Operator;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>Adds webhook endpoints to the operator API.</summary>
internal sealed class GigsOperatorEndpoints : IOperatorEndpoints
{
    public void Map(RouteGroupBuilder api)
    {
        var endpoints = api.MapGroup("").WithTags("webhooks")
            .Part("id", Patterns.Endpoint, "Id of the webhook endpoint.", "we_0324sy29EP4ovq3br2TCSX");
        CreateWebhookEndpoint.Map(endpoints);
        ListWebhookEndpoints.Map(endpoints);
        GetWebhookEndpoint.Map(endpoints);
        DeleteWebhookEndpoint.Map(endpoints);
        EnableWebhookEndpoint.Map(endpoints);
        RotateWebhookSecret.Map(endpoints);
        TestWebhookEndpoint.Map(endpoints);
    }
}
