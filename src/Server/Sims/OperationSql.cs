using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The statements on operations.</summary>
internal static class OperationSql
{
    private const string Columns = """
        org_id, id, sim_id, account_id, carrier, kind, wanted, changes_plan, plan_id, state, attempts, waiting_for, next_try, deadline,
        uncertain, away_since, last_error, callback_url, callback_method, actor_kind, actor_sid, actor_address, ended_at, version, callback_dialect
        """;

    public static readonly Sql Insert = new($"""
        insert into operations ({Columns}) values (@org_id, @id, @sim_id, @account_id, @carrier, @kind, @wanted, @changes_plan, @plan_id,
          @state, @attempts, @waiting_for, @next_try, @deadline, @uncertain, @away_since, @last_error, @callback_url, @callback_method,
          @actor_kind, @actor_sid, @actor_address, @ended_at, @version, @callback_dialect)
        """);

    public static readonly Sql Update = new("""
        update operations set state = @state, attempts = @attempts, waiting_for = @waiting_for, next_try = @next_try, deadline = @deadline,
          uncertain = @uncertain, away_since = @away_since, last_error = @last_error, ended_at = @ended_at, version = version + 1
        where org_id = @org_id and id = @id and version = @version
        """);

    /// <summary>Only the job moves: an answer that is under way still counts.</summary>
    public static readonly Sql Retry = new(
        "update operations set next_try = @next_try where org_id = @org_id and id = @id and version = @version and state = 'open'");

    public static readonly Sql OpenOf = new($"select {Columns} from operations where org_id = @org_id and sim_id = @sim_id and state = 'open'");

    public static readonly Sql ById = new($"select {Columns} from operations where org_id = @org_id and id = @id");

    /// <summary>Those an earlier process had sent to a carrier that has a budget.</summary>
    public static readonly Sql Sent = new("""
        select p.carrier, p.id from orgs o join operations p on p.org_id = o.org_id and p.state = 'open'
        where p.attempts > 0 and p.uncertain = 0 and p.away_since is null
        """);

    /// <summary>For operators, over all orgs: one index probe per org.</summary>
    public static readonly Sql ByIdAnywhere = new(
        $"select {string.Join(", ", Columns.Split(',').Select(name => "p." + name.Trim()))} "
        + "from orgs o cross join operations p where p.org_id = o.org_id and p.id = @id");

    /// <summary>For operators, of one org, newest first; an empty filter takes all.</summary>
    public static readonly Sql List = new($"""
        select {Columns} from operations
        where org_id = @org_id and id < @after and (@state = '' or state = @state) and (@carrier = '' or carrier = @carrier) and (@any_sim = 1 or sim_id = @sim_id)
        order by id desc limit @limit
        """);

    /// <summary>Moves every open operation of an account on, so that an answer that is under way comes too late.</summary>
    public static readonly Sql Overtake = new(
        "update operations set version = version + 1 where org_id = @org_id and state = 'open' and account_id = @account_id");

    /// <summary>Lets every open operation of an account be looked at now, whatever its carrier allows.</summary>
    public static readonly Sql LookNow = new("""
        update jobs set lane = @lane, budget = '', due_at = @now, lease_owner = null, lease_until = null
        where org_id = @org_id and kind = 'operation' and subject_id in (
          select id from operations where org_id = @org_id and state = 'open' and account_id = @account_id)
        """);

    public static object?[] Values(Operation operation) =>
    [
        operation.OrgId, operation.Id, operation.SimId, operation.AccountId, operation.Carrier, Name(operation.Kind),
        operation.Wanted?.ToWire(), operation.ChangesPlan, operation.PlanId, Name(operation.State), operation.Attempts, operation.WaitingFor,
        operation.NextTry, operation.Deadline, operation.Uncertain, operation.AwaySince, operation.LastError, operation.Callback?.Url,
        operation.Callback?.Method, operation.Actor.Kind, operation.Actor.Sid, operation.Actor.Address, operation.EndedAt, operation.Version,
        operation.Callback?.Dialect,
    ];

    public static object?[] UpdateValues(Operation operation) =>
    [
        Name(operation.State), operation.Attempts, operation.WaitingFor, operation.NextTry, operation.Deadline, operation.Uncertain,
        operation.AwaySince, operation.LastError, operation.EndedAt, operation.OrgId, operation.Id, operation.Version,
    ];

    public static Operation Read(Row row) => new()
    {
        OrgId = row.Id(0),
        Id = row.Id(1),
        SimId = row.Id(2),
        AccountId = row.Id(3),
        Carrier = row.Text(4),
        Kind = row.Text(5) == "reset" ? OperationKind.Reset : OperationKind.Status,
        Wanted = SimStatusNames.Settled(row.TextOrNull(6)),
        ChangesPlan = row.Flag(7),
        PlanId = row.IdOrNull(8),
        State = Enum.Parse<OperationState>(row.Text(9), ignoreCase: true),
        Attempts = (int)row.Number(10),
        WaitingFor = row.TextOrNull(11),
        NextTry = row.TimeOrNull(12),
        Deadline = row.Time(13),
        Uncertain = row.Flag(14),
        AwaySince = row.TimeOrNull(15),
        LastError = row.TextOrNull(16),
        Callback = row.TextOrNull(17) is { } url ? new Callback(url, row.Text(18), row.Text(24)) : null,
        Actor = new Actor(row.Text(19), row.TextOrNull(20), row.TextOrNull(21)),
        EndedAt = row.TimeOrNull(22),
        Version = row.Number(23),
    };

    /// <summary>Whether the carrier is working on it: asking again is no new change.</summary>
    public static bool IsSent(Operation operation) => operation is { Attempts: > 0, Uncertain: false, AwaySince: null };

    /// <summary>Writes the job that looks at an open operation next, and says in which lane.</summary>
    public static async ValueTask<Lane> PutJobAsync(Session session, Operation operation, CarrierList carriers)
    {
        var lane = IsSent(operation) ? Lane.Polls : operation.Urgent ? Lane.Urgent : Lane.Operations;
        var due = operation.AwaySince is null && operation.Deadline < operation.NextTry ? operation.Deadline : operation.NextTry!.Value;
        await JobQueue.PutAsync(session, operation.OrgId, JobKind.Operation, operation.Id, lane, due,
            lane == Lane.Polls ? "" : carriers.Budget(operation.Carrier));
        return lane;
    }

    public static string Name(OperationKind kind) => kind switch
    {
        OperationKind.Status => "status",
        OperationKind.Reset => "reset",
    };

    public static string Name(OperationState state) => state switch
    {
        OperationState.Open => "open",
        OperationState.Done => "done",
        OperationState.Refused => "refused",
        OperationState.Expired => "expired",
        OperationState.Withdrawn => "withdrawn",
    };
}
