using System.Text.Json;
using System.Text.Json.Serialization;
using Simkeeper.Core.Commands;
using Simkeeper.Core.Deliveries;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>The JSON of the operator API.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters =
[
    typeof(MillisecondsConverter), typeof(DurationConverter), typeof(RawJsonConverter), typeof(WordConverter<ProblemCode>),
    typeof(WordConverter<AccountStatus>), typeof(WordConverter<SimStatus>),
    typeof(WordConverter<OperationKind>), typeof(WordConverter<OperationState>), typeof(WordConverter<DeliveryState>),
    typeof(WordConverter<FaultKind>), typeof(WordConverter<CommandMode>), typeof(WordConverter<CommandStatus>),
])]
[JsonSerializable(typeof(object))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(AccountAnswer))]
[JsonSerializable(typeof(CreatedAccountAnswer))]
[JsonSerializable(typeof(PageOf<AccountAnswer>))]
[JsonSerializable(typeof(CreatedKeyAnswer))]
[JsonSerializable(typeof(PageOf<KeyAnswer>))]
[JsonSerializable(typeof(SimAnswer))]
[JsonSerializable(typeof(PageOf<SimAnswer>))]
[JsonSerializable(typeof(ImportLine))]
[JsonSerializable(typeof(OperationAnswer))]
[JsonSerializable(typeof(PageOf<OperationAnswer>))]
[JsonSerializable(typeof(PageOf<EventAnswer>))]
[JsonSerializable(typeof(DeliveryAnswer))]
[JsonSerializable(typeof(PageOf<DeliveryAnswer>))]
[JsonSerializable(typeof(RedeliveredAnswer))]
[JsonSerializable(typeof(StreamedDelivery))]
[JsonSerializable(typeof(StreamedAttempt))]
[JsonSerializable(typeof(CarrierAnswerRecord))]
[JsonSerializable(typeof(PageOf<CarrierAnswerRecord>))]
[JsonSerializable(typeof(InstallationAnswer))]
[JsonSerializable(typeof(PageOf<RatePlanAnswer>))]
[JsonSerializable(typeof(ClockAnswer))]
[JsonSerializable(typeof(ClockMovingAnswer))]
[JsonSerializable(typeof(FaultAnswer))]
[JsonSerializable(typeof(PageOf<FaultAnswer>))]
[JsonSerializable(typeof(ReceivedCommandAnswer))]
[JsonSerializable(typeof(UsageTakenAnswer))]
internal sealed partial class OperatorJson : JsonSerializerContext
{
    /// <summary>Adds the JSON of a feature that has endpoints in the operator API.</summary>
    public static void AddTo(JsonSerializerOptions options, JsonSerializerContext context)
    {
        // No types are taken but those that are named, whatever the build allows.
        if (options.TypeInfoResolver is not null && options.TypeInfoResolverChain is not [JsonSerializerContext, ..])
            options.TypeInfoResolverChain.Clear();
        options.Encoder = JsonAnswer.Options.Encoder;
        foreach (var converter in context.Options.Converters)
            options.Converters.Add(converter);
        options.TypeInfoResolverChain.Add(context);
    }
}
