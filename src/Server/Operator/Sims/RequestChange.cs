using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Requests a change of a SIM: opens an operation and answers with it.</summary>
internal sealed class RequestChange(NamedSim named, ChangeSim change, Database database)
{
    /// <summary>The most rate plans that a refusal names.</summary>
    private const int PlansMax = 10;

    /// <summary>The codes that a change may be refused with.</summary>
    public static readonly ProblemCode[] CanFail =
        [ProblemCode.SimNotFound, ProblemCode.NotFound, ProblemCode.StateForbids, ProblemCode.Conflict];

    /// <param name="wanted">The status wanted; null: a connectivity reset.</param>
    public async Task<Answer<OperationAnswer>> RunAsync(HttpContext context, string id, SimChange asked, SimStatus? wanted)
    {
        var which = await named.FindAsync(id);
        if (which.Error is { } unknown)
            return unknown;
        Account? owner = null;
        var decided = await change.RunAsync(which.Value, async (session, sim, open) =>
        {
            if (open is null && wanted == sim.Status)
                return new Error(ErrorCode.StateForbids, $"The SIM is {wanted.Value.ToWire()} already.");
            owner = await session.OneAsync(AccountSql.Share, AccountTable.Rows.Read, sim.OrgId, sim.AccountId);
            if (owner is { Status: AccountStatus.Closed })
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
        if (decided.Error is { Code: ErrorCode.ConfigurationIncomplete } && asked.RatePlan is null && owner is not null)
            return await WithPlansAsync(owner, wanted);
        return decided.Error is { } error ? error : OperationAnswer.Of(decided.Value.Operation!);
    }

    /// <summary>The refusal of a change that needs a rate plan, with those to choose from.</summary>
    private async Task<Problem> WithPlansAsync(Account owner, SimStatus? wanted)
    {
        var plans = await database.ReadAsync(session => RatePlans.ListAsync(session, owner.OrgId, owner.Id, null, null, PlansMax));
        var names = plans.Items.Select(plan => plan.UniqueName ?? plan.Sid).ToList();
        var choice = names.Count == 0 ? "its account has none: make one first." : $"its account has {string.Join(", ", names)}.";
        return new Problem(ProblemCode.StateForbids,
            $"The SIM needs a rate plan before it can become {wanted?.ToWire()}. Give ratePlan; {choice}", "ratePlan");
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
