using Simkeeper.Core;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Finds the delivery that a request names, and attempts.</summary>
internal static class FindDelivery
{
    /// <summary>Attempts of one delivery that are shown.</summary>
    private const int AttemptsMax = 100;

    /// <summary>The delivery; 404 if there is none.</summary>
    public static async Task<Result<Delivery>> OfPathAsync(Database database, string text) =>
        (Ids.TryParseBase62(Delivery.IdPrefix, text, out var id)
            ? await database.ReadAsync(session => session.OneAsync(DeliverySql.ByIdAnywhere, DeliverySql.Read, id))
            : null)
        is { } delivery ? delivery : new Error(ErrorCode.NotFound, "The delivery does not exist.");

    public static ValueTask<List<DeliveryAttempt>> AttemptsAsync(Session session, Delivery delivery) =>
        session.ListAsync(DeliverySql.Attempts, DeliverySql.ReadAttempt, delivery.OrgId, delivery.Id, AttemptsMax);
}
