using Simkeeper.Core;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Operations;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Finds the operation that a request names, and ends it.</summary>
internal static class FindOperation
{
    /// <summary>The operation; 404 if there is none.</summary>
    public static async Task<Result<Operation>> AnyAsync(Database database, string text) =>
        (Ids.TryParseBase62("op", text, out var id)
            ? await database.ReadAsync(session => session.OneAsync(OperationSql.ByIdAnywhere, OperationTable.Rows.Read, id))
            : null)
        is { } operation ? operation : new Error(ErrorCode.NotFound, "The operation does not exist.");

    /// <summary>The operation while it is open; 404 if there is none, 409 if it has ended.</summary>
    public static async Task<Result<Operation>> OpenAsync(Database database, string text)
    {
        var found = await AnyAsync(database, text);
        return found.Error is null && found.Value.State != OperationState.Open
            ? new Error(ErrorCode.StateForbids, "The operation has ended already.")
            : found;
    }

    /// <summary>Ends an open operation, and answers with it.</summary>
    public static async Task<Answer<OperationAnswer>> EndAsync(Database database, OperationWorker worker, string text, SimInput input)
    {
        // A worker's attempt may come in between: what a person says goes for the operation as it is then.
        for (var race = 0; ; race++)
        {
            var open = await OpenAsync(database, text);
            if (open.Error is { } error)
                return error;
            var ended = await worker.EndAsync(open.Value, input);
            if (ended.Error is null)
                return OperationAnswer.Of(ended.Value.Operation!);
            if (ended.Error.Code != ErrorCode.Conflict || race == ChangeSim.RacesMax)
                return ended.Error;
        }
    }
}
