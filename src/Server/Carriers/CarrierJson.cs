using System.Text.Json.Serialization;

namespace Simkeeper.Server.Carriers;

/// <summary>The JSON of the stored faults and limits.</summary>
[JsonSerializable(typeof(List<Fault>))]
[JsonSerializable(typeof(CarrierLimits))]
internal sealed partial class CarrierJson : JsonSerializerContext;
