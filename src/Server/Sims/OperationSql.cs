using Simkeeper.Core.Operations;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The statements on operations.</summary>
internal static class OperationSql
{
    public static readonly Sql Insert = OperationTable.Rows.Insert();

    public static readonly Sql Update = OperationTable.Rows.Update();

    /// <summary>Only the job moves: an answer that is under way still counts.</summary>
    public static readonly Sql Retry = new(
        "update operations set next_try = @next_try where org_id = @org_id and id = @id and version = @version and state = 'open'");

    public static readonly Sql OpenOf = OperationTable.Rows.Select("where org_id = @org_id and sim_id = @sim_id and state = 'open'");

    public static readonly Sql ById = OperationTable.Rows.Select("where org_id = @org_id and id = @id");

    /// <summary>Those an earlier process had sent to a carrier that has a budget.</summary>
    public static readonly Sql Sent = new("""
        select p.carrier, p.id from orgs o join operations p on p.org_id = o.org_id and p.state = 'open'
        where p.attempts > 0 and p.uncertain = 0 and p.away_since is null
        """);

    /// <summary>For operators, over all orgs: one index probe per org.</summary>
    public static readonly Sql ByIdAnywhere = new(
        $"select {OperationTable.Rows.ColumnsOf("p")} from orgs o cross join operations p where p.org_id = o.org_id and p.id = @id");

    private const string OfCarrier = "(@any_carrier = 1 or carrier = @carrier)";

    /// <summary>For operators: all of an org, those of a state, and those of a SIM. Each is tested for the other filters.</summary>
    public static readonly ListIndex
        OfOrg = new("", "operations", OperationTable.Rows.Columns, "", tested: OfCarrier),
        OfState = new("operations_state", "operations", OperationTable.Rows.Columns, "state", tested: OfCarrier),
        OfSim = new("operations_sim", "operations", OperationTable.Rows.Columns, "sim_id",
            tested: "(@any_state = 1 or state = @state) and " + OfCarrier);

    /// <summary>Moves every open operation of an account on, so that an answer that is under way comes too late.</summary>
    public static readonly Sql Overtake = new(
        "update operations set version = version + 1 where org_id = @org_id and state = 'open' and account_id = @account_id");

    /// <summary>Lets every open operation of an account be looked at now, whatever its carrier allows.</summary>
    public static readonly Sql LookNow = new("""
        update jobs set lane = @lane, budget = '', due_at = @now, lease_owner = null, lease_until = null
        where org_id = @org_id and kind = 'operation' and subject_id in (
          select id from operations where org_id = @org_id and state = 'open' and account_id = @account_id)
        """);

    /// <summary>Operations that have ended and are older than <c>Operations:Keep</c>.</summary>
    public static readonly OldRowsSql Old = OldRowsSql.ById("operations", state: "state");

    /// <summary>True if the carrier is working on it: asking again is no new change.</summary>
    public static bool IsSent(Operation operation) => operation is { Attempts: > 0, Uncertain: false, AwaySince: null };

    /// <summary>Writes the job that looks at an open operation next, and says in which lane.</summary>
    public static async ValueTask<Lane> PutJobAsync(
        Session session, Operation operation, CarrierList carriers, DateTimeOffset now)
    {
        var lane = IsSent(operation) ? Lane.Polls : operation.Urgent ? Lane.Urgent : Lane.Operations;
        var due = operation.AwaySince is null && operation.Deadline < operation.NextTry ? operation.Deadline : operation.NextTry!.Value;
        await JobQueue.PutAsync(session, operation.OrgId, JobKind.Operation, operation.Id, lane, now, due,
            lane == Lane.Polls ? "" : carriers.Budget(operation.Carrier));
        return lane;
    }
}
