using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Sims;

namespace Simkeeper.Server.Operator;

/// <summary>Requests a change of a SIM: opens an operation and answers with it.</summary>
internal static class RequestChange
{
    /// <summary>The codes that a change may be refused with.</summary>
    public static readonly ProblemCode[] CanFail =
        [ProblemCode.SimNotFound, ProblemCode.NotFound, ProblemCode.StateForbids, ProblemCode.Conflict];

    /// <param name="wanted">The status wanted; null: a connectivity reset.</param>
    public static async Task<Answer<OperationAnswer>> RunAsync(
        HttpContext context, ChangeSim change, string id, SimChange asked, SimStatus? wanted)
    {
        var decided = await change.RunAsync(FindSim.Anywhere(id), async (session, sim, open) =>
        {
            if (open is null && wanted == sim.Status)
                return new Error(ErrorCode.StateForbids, $"The SIM is {wanted.Value.ToWire()} already.");
            var account = await session.OneAsync(AccountSql.Share, AccountTable.Rows.Read, sim.OrgId, sim.AccountId);
            if (account is { Status: AccountStatus.Closed })
                return new Error(ErrorCode.StateForbids, "The SIM's account is closed. Move the SIM to another first.");
            Change<Result<RatePlan?>>? plan = null;
            if (asked.RatePlan is { } key)
            {
                var found = await RatePlans.HoldAsync(session, sim.OrgId, sim.AccountId, key);
                plan = new(found is null
                ? new Error(ErrorCode.RatePlanNotFound, "The SIM's account has no such rate plan.", "ratePlan")
                : found);
            }
            return new SimInput.Request { Actor = context.Actor(), Status = wanted, Reset = wanted is null, RatePlan = plan };
        });
        return decided.Error is { } error ? error : OperationAnswer.Of(decided.Value.Operation!);
    }
}

/// <summary>The values to change; may be empty.</summary>
/// <example>{"ratePlan": "sandbox-plan"}</example>
internal sealed record SimChange : IReadJson<SimChange>
{
    /// <summary>Sid or unique name of the rate plan that it is to have.</summary>
    public required string? RatePlan { get; init; }

    public static SimChange Read(JsonFields fields) => new() { RatePlan = fields.Text("ratePlan") };
}
