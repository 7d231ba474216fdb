using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>Brings the operator API: everything under <c>/operator/v1</c>, for whoever runs the installation.</summary>
internal sealed class OperatorFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        to.Services.ConfigureHttpJsonOptions(json => OperatorJson.AddTo(json.SerializerOptions, OperatorJson.Default));
        to.Services.AddSingleton(OperatorKey.Kind);
        to.Services.AddSingleton<OperatorDoor>();
        to.Services.AddSingleton<SimAnswers>();
        to.Services.AddSingleton<RequestChange>();
        to.Services.AddSingleton<CarrierAnswers>();
        to.Services.AddSingleton<DeliveryStream>();
    }

    public void Map(WebApplication web)
    {
        var door = web.Services.GetRequiredService<OperatorDoor>();
        web.MapBranch("/operator", "operator", branch => branch
            .Use(door.GuardAsync).UseRouting().Use(door.AdmitAsync).UseEndpoints(endpoints =>
            {
                var api = endpoints.MapGroup("/operator/v1");
                api.AddEndpointFilter(OperatorDoor.RefuseUnreadableAsync);
                Map(api);
                foreach (var more in web.Services.GetServices<IOperatorEndpoints>())
                    more.Map(api);
            }));
        var all = web.Services.GetRequiredService<EndpointDataSource>();
        web.Services.GetRequiredService<ApiRoutes>().Add("operator", all.Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/operator/", StringComparison.Ordinal))
            .Select(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0], endpoint.RoutePattern.RawText!)));
    }

    private static void Map(RouteGroupBuilder api)
    {
        var accounts = api.MapGroup("").WithTags("accounts")
            .Part("sid", Patterns.Account, "Sid of the account.", "AC00000000000000000000000000000001")
            .Part("id", Patterns.Key, "Id of the key.", "SK019b8207c865700b9c2d3e4f50617283");
        CreateAccount.Map(accounts);
        ListAccounts.Map(accounts);
        GetAccount.Map(accounts);
        CreateAccountKey.Map(accounts);
        ListAccountKeys.Map(accounts);
        DeleteAccountKey.Map(accounts);

        var keys = api.MapGroup("").WithTags("operator-keys").Part("id", Patterns.Key, "Id of the key.", "opk_0323hIJOMWjoqRYRyptLUp");
        CreateOperatorKey.Map(keys);
        ListOperatorKeys.Map(keys);
        DeleteOperatorKey.Map(keys);

        var sims = api.MapGroup("").WithTags("sims")
            .Part("sid", Patterns.Account, "Sid of the account.", "AC00000000000000000000000000000001")
            .Part("id", Patterns.AnySim, "Sid, id, ICCID, MSISDN, IMSI, EID or unique name of the SIM.",
                "DE019b7ca98f2e70018a3c4e5f60718293");
        ImportSimsOfAccount.Map(sims);
        ListSims.Map(sims);
        GetSim.Map(sims);
        ReportEsimProfile.Map(sims);
        ActivateSim.Map(sims);
        SuspendSim.Map(sims);
        DeactivateSim.Map(sims);
        ResetSim.Map(sims);

        var operations = api.MapGroup("").WithTags("operations")
            .Part("id", Patterns.Operation, "Id of the operation.", "op_0324sy29EP4ovq3br2TCSX");
        ListOperations.Map(operations);
        GetOperation.Map(operations);
        ForceOperation.Map(operations);
        RetryOperation.Map(operations);
        WithdrawOperation.Map(operations);

        ListEvents.Map(api.MapGroup("").WithTags("events"));

        var deliveries = api.MapGroup("").WithTags("deliveries")
            .Part("id", Patterns.Delivery, "Id of the delivery.", "dlv_0324sy29EP4ovq3br2TCSX");
        ListDeliveries.Map(deliveries);
        RedeliverDeliveries.Map(deliveries);
        GetDelivery.Map(deliveries);
        RedeliverDelivery.Map(deliveries);
        StreamDeliveries.Map(deliveries);

        ReceiveCommand.Map(api.MapGroup("").WithTags("commands"));
        TakeUsageReports.Map(api.MapGroup("").WithTags("usage"));

        var carriers = api.MapGroup("").WithTags("carriers").Part("id", Patterns.Carrier, "Id of the carrier.", "test");
        ListCarriers.Map(carriers);
        UpdateCarrier.Map(carriers);

        ListRatePlans.Map(api.MapGroup("").WithTags("rate-plans"));
        GetInstallation.Map(api.MapGroup("").WithTags("installation"));
        GetClock.Map(api.MapGroup("").WithTags("clock"));
        var sandbox = api.MapGroup("").AddEndpointFilter(SandboxOnly.RefuseAsync);
        var clock = sandbox.MapGroup("").WithTags("clock");
        AdvanceClock.Map(clock);
        FreezeClock.Map(clock);
        ResumeClock.Map(clock);
        var faults = sandbox.MapGroup("").WithTags("faults");
        CreateFault.Map(faults);
        ListFaults.Map(faults);
        ClearFaults.Map(faults);
    }
}
