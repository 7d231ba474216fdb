using System.Text.Json;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Carriers: their limits, and whether they are there.</summary>
internal sealed class OperatorCarriers(Database database, CarrierList carriers, HttpSettings settings)
{
    public Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        _ = new OperatorQuery(context.Request);
        return JsonAnswer.WriteAsync(context.Response, 200, carriers, static (json, carriers) =>
        {
            json.WriteStartObject();
            json.WriteStartArray("items");
            foreach (var id in carriers.Ids)
                Write(json, id, carriers);
            json.WriteEndArray();
            json.WriteNull("next");
            json.WriteEndObject();
        });
    }

    /// <summary>Sets limits; those left out stay.</summary>
    public async Task UpdateAsync(HttpContext context, Caller caller, string[] path)
    {
        var id = path[0];
        if (!carriers.Has(id))
            throw new ProblemException(Problem.NotFound("The carrier"));
        var body = await OperatorBody.ReadAsync(context.Request, settings, "callsPerSecond", "inFlight");
        var now = carriers[id].Governor.Limits;
        var limits = new CarrierLimits(
            body.Number("callsPerSecond", 0, CarrierLimits.CallsPerSecondMax) ?? now.CallsPerSecond,
            body.Number("inFlight", 1, CarrierLimits.InFlightMax) ?? now.InFlight);
        await carriers.SetLimitsAsync(database, id, limits);
        await JsonAnswer.WriteAsync(context.Response, 200, (id, carriers), static (json, answer) => Write(json, answer.id, answer.carriers));
    }

    private static void Write(Utf8JsonWriter json, string id, CarrierList carriers)
    {
        var (carrier, governor) = carriers[id];
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("kind", carrier.Kind);
        json.WriteString("state", governor.IsAway ? "away" : "up");
        json.WriteStartObject("limits");
        json.WriteNumber("callsPerSecond", governor.Limits.CallsPerSecond);
        json.WriteNumber("inFlight", governor.Limits.InFlight);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
