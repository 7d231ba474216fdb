using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Operations;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Operations as an operator sees them.</summary>
internal sealed class OperatorOperations(Database database, OperationWorker worker, HttpSettings settings)
{
    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new OperatorQuery(context.Request, "state", "sim", "carrier");
        if (query["state"] is { } state && !Enum.GetValues<OperationState>().Select(OperationSql.Name).Contains(state))
            throw new ProblemException(Problem.Invalid("state", "state is open, done, refused, expired or withdrawn."));
        var simId = Guid.Empty;
        if (query["sim"] is { } either && !Ids.TryParseSid("DE", either, out simId) && !Ids.TryParseBase62("sim", either, out simId))
            throw new ProblemException(Problem.Invalid("sim", "sim is a SIM's sid or Gigs id."));
        var items = await database.ReadAsync(session => AcrossOrgs.NewestAsync(session, OperationSql.List, OperationSql.Read,
            operation => operation.Id, query.Limit + 1, query.After ?? Guid.AllBitsSet, query["state"] ?? "", query["carrier"] ?? "",
            query["sim"] is null, simId));
        await OperatorPage.WriteAsync(context.Response, items, query.Limit, operation => operation.Id, Write);
    }

    public async Task GetAsync(HttpContext context, Caller caller, string[] path) =>
        await JsonAnswer.WriteAsync(context.Response, 200, await FindAsync(path[0]), Write);

    /// <summary>Ends an operation as a person says the network did.</summary>
    public async Task ForceAsync(HttpContext context, Caller caller, string[] path)
    {
        await FindOpenAsync(path[0]);
        var body = await OperatorBody.ReadAsync(context.Request, settings, "outcome");
        CarrierAnswer answer = body.OneOf("outcome", "done", "refused") switch
        {
            "done" => new CarrierAnswer.Done(),
            "refused" => new CarrierAnswer.Refused(null, "The change was refused by an operator."),
            _ => throw new ProblemException(Problem.Missing("outcome")),
        };
        await EndAsync(context, path[0], new SimInput.Answer(answer));
    }

    /// <summary>Tries an open operation now.</summary>
    public async Task RetryAsync(HttpContext context, Caller caller, string[] path)
    {
        var retried = await worker.RetryAsync(await FindOpenAsync(path[0]));
        if (retried.Error is { } error)
            throw new ProblemException(Problem.From(error));
        await JsonAnswer.WriteAsync(context.Response, 202, retried.Value, Write);
    }

    /// <summary>Takes an open operation back: the SIM stays as it is.</summary>
    public async Task WithdrawAsync(HttpContext context, Caller caller, string[] path) =>
        await EndAsync(context, path[0], new SimInput.Withdraw());

    private async Task EndAsync(HttpContext context, string id, SimInput input)
    {
        var decided = await worker.EndAsync(await FindOpenAsync(id), input);
        // A worker's attempt may have come in between: what a person says goes for the operation as it is then.
        for (var race = 0; race < ChangeSim.RacesMax && decided.Error is { Code: ErrorCode.Conflict }; race++)
            decided = await worker.EndAsync(await FindOpenAsync(id), input);
        if (decided.Error is { } error)
            throw new ProblemException(Problem.From(error));
        await JsonAnswer.WriteAsync(context.Response, 200, decided.Value.Operation!, Write);
    }

    private async Task<Operation> FindOpenAsync(string text) =>
        await FindAsync(text) is { State: OperationState.Open } operation
            ? operation
            : throw new ProblemException(new Problem(409, "stateForbids", "The state forbids it", "The operation has ended already."));

    private async Task<Operation> FindAsync(string text) =>
        (Ids.TryParseBase62("op", text, out var id)
            ? await database.ReadAsync(session => session.OneAsync(OperationSql.ByIdAnywhere, OperationSql.Read, id))
            : null)
        ?? throw new ProblemException(Problem.NotFound("The operation"));

    public static void Write(Utf8JsonWriter json, Operation operation)
    {
        json.WriteStartObject();
        json.WriteString("id", Ids.ToBase62("op", operation.Id));
        json.WriteString("sim", Ids.ToSid("DE", operation.SimId));
        json.WriteString("account", Ids.ToSid("AC", operation.AccountId));
        json.WriteString("carrier", operation.Carrier);
        json.WriteString("kind", OperationSql.Name(operation.Kind));
        json.WriteString("wanted", operation.Wanted?.ToWire());
        json.WriteString("state", OperationSql.Name(operation.State));
        json.WriteNumber("attempts", operation.Attempts);
        json.WriteString("waitingFor", operation.WaitingFor);
        json.WriteString("nextTry", operation.NextTry is { } next ? JsonAnswer.Milliseconds(next) : null);
        json.WriteString("deadline", JsonAnswer.Milliseconds(operation.Deadline));
        json.WriteString("lastError", operation.LastError);
        json.WriteString("createdAt", JsonAnswer.Milliseconds(operation.CreatedAt));
        json.WriteString("endedAt", operation.EndedAt is { } ended ? JsonAnswer.Milliseconds(ended) : null);
        json.WriteEndObject();
    }
}
