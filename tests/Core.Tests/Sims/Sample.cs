using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;

namespace Simkeeper.Core.Tests.Sims;

/// <summary>A SIM, its plans and its accounts, and the time, for the tests of the lifecycle.</summary>
internal static class Sample
{
    /// <summary>When the SIM took its status: the last of a month, so that three months are no number of days.</summary>
    public static readonly DateTimeOffset Since = new(2025, 11, 30, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Three calendar months later.</summary>
    public static readonly DateTimeOffset Quarter = new(2026, 2, 28, 12, 0, 0, TimeSpan.Zero);

    public static readonly DateTimeOffset Now = Since.AddHours(1);

    public static readonly Guid Org = Id(1), Account = Id(2), Subaccount = Id(3);

    public static readonly RatePlan Plan = new() { OrgId = Org, Id = Id(10), AccountId = Account };
    public static readonly RatePlan Other = Plan with { Id = Id(11) };
    public static readonly RatePlan Throttling = Plan with { Id = Id(12), DataLimitStrategy = DataLimitStrategy.Throttle };
    public static readonly RatePlan Deprecated = Plan with { Id = Id(13), DataMetering = "quota-10" };
    public static readonly RatePlan Annual = Plan with { Id = Id(14), Narrowband = NarrowbandPlan.Annual };
    public static readonly RatePlan Developer = Plan with { Id = Id(15), Narrowband = NarrowbandPlan.Developer };
    public static readonly RatePlan Subplan = Plan with { Id = Id(16), AccountId = Subaccount };
    public static readonly RatePlan[] Plans = [Plan, Other, Throttling, Deprecated, Annual, Developer, Subplan];

    public static readonly Callback Given = new("https://example.com/given", "POST", "any");
    public static readonly Callback Remembered = new("https://example.com/remembered", "GET", "any");
    public static readonly Actor User = new("account", "AC1", "192.0.2.1");

    public static readonly Error UnknownPlan = new(ErrorCode.RatePlanNotFound, "No such RatePlan.", "RatePlan");
    public static readonly Error ForeignAccount = new(ErrorCode.NotAuthorized, "No such account.", "AccountSid");

    public static Sim Sim(SimStatus status, RatePlan? plan = null) => new()
    {
        OrgId = Org,
        Id = Id(20),
        AccountId = Account,
        Iccid = "8942420000000000005",
        Type = SimType.ESim,
        Provider = "test",
        User = "usr_1",
        Status = status,
        StatusSince = Since,
        RatePlanId = plan?.Id,
        Narrowband = plan is { Narrowband: not NarrowbandPlan.None },
        UpdatedAt = Since,
    };

    public static SimInput.Request Request(SimStatus? status = null, Callback? callback = null) =>
        new() { Actor = User, Status = status, Callback = callback };

    public static SimInput.Request With(this SimInput.Request request, RatePlan? plan) =>
        request with { RatePlan = new Change<Result<RatePlan?>>(plan) };

    public static SimInput.Request To(this SimInput.Request request, Guid account) =>
        request with { Account = new Change<Result<Guid>>(account) };

    public static readonly SimInput.Request Reset = Request() with { Reset = true };

    public static LifecycleContext At(DateTimeOffset now, RatePlan? current = null, LifecycleRules? rules = null) =>
        new(now, 0, Id(30), current, rules ?? LifecycleRules.Default);

    /// <summary>Decides what must be accepted; the plan in force is the SIM's.</summary>
    public static Decision Decide(this Sim sim, SimInput input, DateTimeOffset? now = null, Operation? open = null,
        LifecycleRules? rules = null) =>
        Try(sim, input, now, open, rules).Value;

    /// <summary>Decides what must be refused.</summary>
    public static Error Refuse(this Sim sim, SimInput input, DateTimeOffset? now = null, Operation? open = null,
        LifecycleRules? rules = null) =>
        Try(sim, input, now, open, rules).Error ?? throw new InvalidOperationException("The input was accepted.");

    /// <summary>Goes on from a decision: the SIM and the operation are those it left.</summary>
    public static Decision Then(this Decision decision, SimInput input, DateTimeOffset? now = null, LifecycleRules? rules = null) =>
        Decide(decision.Sim!, input, now, decision.Operation is { State: OperationState.Open } open ? open : null, rules);

    public static SimInput Answer(CarrierAnswer answer) => new SimInput.Answer(answer);

    public static readonly SimInput Done = Answer(new CarrierAnswer.Done());
    public static readonly SimInput Refused = Answer(new CarrierAnswer.Refused(null, "No."));
    public static readonly SimInput Away = Answer(new CarrierAnswer.Unavailable("Closed."));

    private static Result<Decision> Try(Sim sim, SimInput input, DateTimeOffset? now, Operation? open, LifecycleRules? rules) =>
        Lifecycle.Decide(sim, open, input, At(now ?? Now, Plans.SingleOrDefault(plan => plan.Id == sim.RatePlanId), rules));

    private static Guid Id(int number) => Guid.Parse($"0198a000-0000-7000-8000-{number:D12}");
}
