using System.Text;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;

using static Simkeeper.Core.Sims.SimStatus;

namespace Simkeeper.Core.Tests.Sims;

/// <summary>
/// Every input in every state, written to docs/lifecycle.md and compared with it: a change of a rule is a difference to read. The
/// environment variable SIMKEEPER_UPDATE_DOCS=1 writes the file anew.
/// </summary>
public sealed class LifecycleMatrixTests
{
    private const string Update = "SIMKEEPER_UPDATE_DOCS";
    private const string Impossible = "·";
    private const string Nothing = "–";

    private static readonly State[] Settled =
        [.. Enum.GetValues<SimStatus>().Select(status => new State(status.ToWire(), SimOf(status), null))];

    private static readonly State[] Open =
    [
        .. from status in Enum.GetValues<SimStatus>()
           from wanted in Enum.GetValues<SimStatus>()
           where wanted != status
           let decided = Lifecycle.Decide(SimOf(status), null, Sample.Request(wanted, Sample.Given).With(PlanOf(wanted)), At(SimOf(status)))
           where decided.Error is null
           select new State($"{status.ToWire()} → {wanted.ToWire()}", decided.Value.Sim!, decided.Value.Operation),
        .. from status in Enum.GetValues<SimStatus>()
           let decided = Lifecycle.Decide(SimOf(status), null, Sample.Reset with { Callback = Sample.Given }, At(SimOf(status)))
           where decided.Error is null
           select new State($"{status.ToWire()}, reset", decided.Value.Sim!, decided.Value.Operation),
    ];

    private static readonly Row[] StatusRequests =
    [
        .. from wanted in Enum.GetValues<SimStatus>()
           from plan in Enum.GetValues<PlanGiven>()
           select StatusRow(wanted, plan),
        new("`Status=ready`, plan with deprecated metering", _ => Request(Ready).With(Sample.Deprecated)),
        new("`Status=active`, plan with deprecated metering", _ => Request(Active).With(Sample.Deprecated)),
        new("`Status=ready`, Narrowband developer plan", _ => Request(Ready), Sample.Developer),
        new("`Status=active`, Narrowband developer plan", _ => Request(Active), Sample.Developer),
        new("`Status=active`, 72 hours after the last change", _ => Request(Active), Now: Sample.Since.AddHours(72)),
        new("`Status=active`, coming back switched off", _ => Request(Active),
            Rules: LifecycleRules.Default with { AllowReactivation = false }),
    ];

    private static readonly Row[] OtherRequests =
    [
        new("`RatePlan=` the same", state => Request().With(Sample.Plans.Single(plan => plan.Id == state.Sim.RatePlanId))),
        new("`RatePlan=` another", _ => Request().With(Sample.Other)),
        new("`RatePlan=` empty", _ => Request().With(null)),
        new("`RatePlan=` unknown", _ => Request() with { RatePlan = new(Sample.UnknownPlan) }),
        new("`RatePlan=` another limit strategy", _ => Request().With(Sample.Throttling)),
        new("`RatePlan=` deprecated metering", _ => Request().With(Sample.Deprecated)),
        new("`RatePlan=` Narrowband, SIM not", _ => Request().With(Sample.Annual)),
        new("`RatePlan=` not Narrowband, SIM is", _ => Request().With(Sample.Plan), Sample.Annual),
        new("`RatePlan=` Narrowband annual → developer", _ => Request().With(Sample.Developer), Sample.Annual),
        new("`RatePlan=` Narrowband developer → annual", _ => Request().With(Sample.Annual), Sample.Developer),
        new("`ResetStatus=resetting`", _ => Reset),
        new("`ResetStatus=resetting`, `RatePlan=` another", _ => Reset.With(Sample.Other)),
        new("`ResetStatus=resetting`, `Status=active`", _ => Reset with { Status = Active }),
        new("`AccountSid=` the owner", _ => Request().To(Sample.Account)),
        new("`AccountSid=` another, SIM with a plan", _ => Request().To(Sample.Subaccount)),
        new("`AccountSid=` another, SIM without a plan", _ => Request().To(Sample.Subaccount), Bare: true),
        new("`AccountSid=` another, `RatePlan=` one of its", _ => Request().To(Sample.Subaccount).With(Sample.Subplan)),
        new("`AccountSid=` another, `RatePlan=` empty", _ => Request().To(Sample.Subaccount).With(null)),
        new("`AccountSid=` another, `RatePlan=` not one of its",
            _ => Request().To(Sample.Subaccount) with { RatePlan = new(Sample.UnknownPlan) }),
        new("`AccountSid=` another, `Status=active`", _ => Request(Active).To(Sample.Subaccount).With(Sample.Subplan)),
        new("`AccountSid=` not the caller's", _ => Request() with { Account = new(Sample.ForeignAccount) }),
        new("`FriendlyName`", _ => Request() with { FriendlyName = new("Bus 7") }),
        new("`UniqueName`", _ => Request() with { UniqueName = new("bus-7") }),
        new("`CommandsCallbackUrl`", _ => Request() with
        {
            Hooks = new Dictionary<string, string?> { ["commands_callback_url"] = "https://example.com/" },
        }),
        new("metadata", _ => Request() with { Metadata = [new("line", "7")] }),
        new("metadata over a limit", _ => Request() with { Metadata = [new("gigs.com/line", "7")] }),
        new("`CallbackUrl` alone", _ => Request()),
        new("delete", _ => new SimInput.Delete(Sample.User)),
    ];

    private static readonly Row[] Happenings =
    [
        new("carrier: done", _ => Sample.Done),
        new("carrier: done, operation without a callback", _ => Sample.Done, Silent: true),
        new("carrier: refused, operation without a callback", _ => Sample.Refused, Silent: true),
        new("carrier: refused, code 4711", _ => Sample.Answer(new CarrierAnswer.Refused(4711, "No."))),
        new("carrier: refused", _ => Sample.Refused),
        new("carrier: away", _ => Sample.Away),
        new("carrier: away longer than its limit", _ => Sample.Away, Away: Sample.Now, Now: Sample.Now.AddHours(1),
            Rules: LifecycleRules.Default with { ScheduledDeadline = TimeSpan.FromHours(1) }),
        new("carrier: answer lost", _ => Sample.Answer(new CarrierAnswer.Unknown("Lost."))),
        new("carrier: pending until 12:10", _ => Sample.Answer(new CarrierAnswer.Pending(Sample.Now.AddMinutes(10)))),
        new("carrier: pending", _ => Sample.Answer(new CarrierAnswer.Pending(null))),
        new("carrier known to be away", _ => new SimInput.CarrierAway()),
        new("deadline not yet", _ => new SimInput.DeadlinePassed()),
        new("deadline", _ => new SimInput.DeadlinePassed(), Now: Sample.Now.AddHours(24)),
        new("deadline, carrier away", _ => new SimInput.DeadlinePassed(), Away: Sample.Now, Now: Sample.Now.AddHours(24)),
        new("withdrawn", _ => new SimInput.Withdraw()),
        new("account suspended", _ => new SimInput.AccountSuspended()),
        new("timer, 71 hours", _ => new SimInput.TimerDue(), Now: Sample.Since.AddHours(71)),
        new("timer, 72 hours", _ => new SimInput.TimerDue(), Now: Sample.Since.AddHours(72)),
        new("timer, three months less 1 ms", _ => new SimInput.TimerDue(), Now: Sample.Quarter.AddMilliseconds(-1)),
        new("timer, three months", _ => new SimInput.TimerDue(), Now: Sample.Quarter),
        new("timer, three months, notice given", _ => new SimInput.TimerDue(), Now: Sample.Quarter, Noticed: true),
        new("usage: 250 KB", _ => new SimInput.Used(Lifecycle.ReadyDataBytes, 0)),
        new("timer after 249,999 bytes and 4 Commands", _ => new SimInput.TimerDue(), Bytes: 249_999, Commands: 4),
        new("timer after 250,000 bytes", _ => new SimInput.TimerDue(), Bytes: 250_000),
        new("timer after the 5th Command", _ => new SimInput.TimerDue(), Commands: 5),
        new("eSIM profile installed", _ => new SimInput.ProfileReported(ProfileStatus.Installed, Sample.Now, Sample.User)),
        new("card corrected", state => new SimInput.Corrected(state.Sim with { Msisdn = "999000000099" }, Sample.User)),
        new("eSIM profile unchanged", _ => new SimInput.ProfileReported(ProfileStatus.Unknown, Sample.Now, Sample.User)),
    ];

    [Fact]
    public void The_matrix_is_what_the_document_says()
    {
        var path = Path.Combine(Root(), "docs", "lifecycle.md");
        var document = Document();
        if (Environment.GetEnvironmentVariable(Update) == "1")
            File.WriteAllText(path, document);
        var written = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        if (document != written)
            Assert.Fail(
                $"docs/lifecycle.md is not what the code does. A rule was meant to change? {Update}=1.\n{Difference(written, document)}");
    }

    [Fact]
    public void No_kind_of_input_answer_or_status_is_missing_from_the_matrix()
    {
        var inputs = StatusRequests.Concat(OtherRequests).Concat(Happenings).Select(row => row.Input(Open[0])).ToList();
        Assert.Equal(KindsOf<SimInput>(), inputs.Select(input => input.GetType()).ToHashSet());
        Assert.Equal(KindsOf<CarrierAnswer>(), inputs.OfType<SimInput.Answer>().Select(answer => answer.Of.GetType()).ToHashSet());
        Assert.Equal(Enum.GetValues<SimStatus>(), Settled.Select(state => state.Sim.Status));
        Assert.Equal(Enum.GetValues<OperationKind>(), Open.Select(state => state.Operation!.Kind).Distinct());
    }

    private static HashSet<Type> KindsOf<T>() => [.. typeof(T).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(T)))];

    private static string Document()
    {
        var text = new StringBuilder(Intro);
        Table(text, "Status requests, no operation open", Settled, StatusRequests);
        Table(text, "Other requests, no operation open", Settled, OtherRequests);
        Table(text, "What happens, no operation open", Settled, Happenings);
        Table(text, "Requests, an operation open", Open, [.. StatusRequests, .. OtherRequests]);
        Table(text, "What happens, an operation open", Open, Happenings);
        return text.ToString();
    }

    /// <summary>Inputs that have the same answer in every state are listed by it; the others are rows.</summary>
    private static void Table(StringBuilder text, string title, State[] states, Row[] rows)
    {
        var answered = rows.Select(row => (row.Name, Cells: states.Select(state => Cell(row, state)).ToList())).ToList();
        var same = answered.Where(row => Distinct(row.Cells).Count == 1).ToList();
        text.Append($"\n## {title}\n");
        if (same.Count > 0)
            text.Append("\nIn every state:\n\n");
        foreach (var group in same.GroupBy(row => Distinct(row.Cells)[0]))
            text.Append($"- {(group.Key == Nothing ? "nothing" : group.Key)}: {string.Join("; ", group.Select(row => row.Name))}\n");
        text.Append($"\n| input | {string.Join(" | ", states.Select(state => state.Name))} |\n");
        text.Append($"|---|{string.Concat(Enumerable.Repeat("---|", states.Length))}\n");
        foreach (var (name, cells) in answered.Except(same))
            text.Append($"| {name} | {string.Join(" | ", cells)} |\n");
    }

    private static List<string> Distinct(List<string> cells) => [.. cells.Where(cell => cell != Impossible).Distinct()];

    private static string Cell(Row row, State state)
    {
        if (row.Prepare(state) is not { } prepared)
            return Impossible;
        var (sim, open) = (prepared.Sim, prepared.Operation);
        var decided = Lifecycle.Decide(sim, open, row.Input(prepared), At(sim, row.Now, row.Rules));
        if (decided.Error is { } error)
            return $"**{KoreCode(error.Code)}** {Lower(error.Code)}";
        var decision = decided.Value;
        var parts = new List<string>();
        if (decision.Sim is null)
            parts.Add("gone");
        else if (decision.Sim.Shown != sim.Shown)
            parts.Add($"`{decision.Sim.Shown}`");
        if (decision.Sim is { } after && after.Resetting != sim.Resetting)
            parts.Add(after.Resetting ? "`resetting`" : "`reset_status` null");
        if (decision.Operation is { } operation)
            parts.Add(Operation(open, operation));
        if (decision.Event is not null)
            parts.Add(decision.Event);
        parts.AddRange(decision.Callbacks.Select(Called));
        if (decision.Sim is { } kept && kept.Remembered != sim.Remembered)
            parts.Add(kept.Remembered is null ? "forgets R" : "remembers C");
        return parts.Count == 0 ? Nothing : string.Join(", ", parts);
    }

    private static string Operation(Operation? before, Operation after) => after.State switch
    {
        OperationState.Open when before is null => $"opens {Lower(after.Kind)}",
        OperationState.Open => $"waits for {after.WaitingFor}",
        OperationState.Done or OperationState.Refused or OperationState.Expired or OperationState.Withdrawn => $"ends {Lower(after.State)}",
    };

    private static string Called(CallbackMessage message) =>
        $"calls {(message.To == Sample.Remembered ? "R" : "C")}{(message.ErrorCode is { } code ? $" {code}" : "")}";

    private static string Lower<T>(T value)
        where T : struct, Enum
    {
        var name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    /// <summary>The error as the KORE dialect spells it.</summary>
    private static int KoreCode(ErrorCode code) => code switch
    {
        ErrorCode.SimNotFound or ErrorCode.NotFound => 20404,
        ErrorCode.RatePlanNotFound => 33108,
        ErrorCode.InvalidValue or ErrorCode.AlreadyTaken => 33101,
        ErrorCode.MissingValue => 33102,
        ErrorCode.InvalidCombination => 33121,
        ErrorCode.ConfigurationIncomplete => 33104,
        ErrorCode.TransitionInvalid => 33105,
        ErrorCode.OperationOpen => 33010,
        ErrorCode.ResetNotAllowed => 33119,
        ErrorCode.ResetInProgress => 33120,
        ErrorCode.RatePlanNotAllowed => 33122,
        ErrorCode.NotAuthorized => 33201,
        ErrorCode.TooManyQueued => 33118,
        ErrorCode.TooMuchKept => 20429,
        ErrorCode.AccountSuspended => 20403,
        ErrorCode.ReadOnlyKey => 20006,
        ErrorCode.StateForbids or ErrorCode.Conflict => 20409,
    };

    private static Row StatusRow(SimStatus wanted, PlanGiven plan) => plan switch
    {
        PlanGiven.NoneAtAll => new($"`Status={wanted.ToWire()}`, SIM without a plan", _ => Request(wanted), Bare: true),
        PlanGiven.NotGiven => new($"`Status={wanted.ToWire()}`", _ => Request(wanted)),
        PlanGiven.Another => new($"`Status={wanted.ToWire()}`, `RatePlan=` another", _ => Request(wanted).With(Sample.Other)),
        PlanGiven.Removed => new($"`Status={wanted.ToWire()}`, `RatePlan=` empty", _ => Request(wanted).With(null)),
    };

    private static SimInput.Request Request(SimStatus? status = null) => Sample.Request(status, Sample.Given);

    private static SimInput.Request Reset => Sample.Reset with { Callback = Sample.Given };

    /// <summary>Ready and deactivated SIMs remember a callback; so does one that was suspended when ready.</summary>
    private static Sim SimOf(SimStatus status) => Sample.Sim(status, Sample.Plan) with
    {
        Remembered = status is Ready or Suspended or Deactivated ? Sample.Remembered : null,
    };

    /// <summary>The open operations to ready and active change the plan too.</summary>
    private static RatePlan PlanOf(SimStatus wanted) => wanted is Ready or Active ? Sample.Other : Sample.Plan;

    private static LifecycleContext At(Sim sim, DateTimeOffset? now = null, LifecycleRules? rules = null) =>
        Sample.At(now ?? Sample.Now, Sample.Plans.SingleOrDefault(plan => plan.Id == sim.RatePlanId), rules);

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "simkeeper.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException("No folder above the tests has a simkeeper.slnx.");
        return folder.FullName;
    }

    private static string Difference(string written, string document)
    {
        var (old, now) = (written.Split('\n'), document.Split('\n'));
        var line = Enumerable.Range(0, Math.Max(old.Length, now.Length)).First(i => old.ElementAtOrDefault(i) != now.ElementAtOrDefault(i));
        return $"First in line {line + 1}:\n- {old.ElementAtOrDefault(line)}\n+ {now.ElementAtOrDefault(line)}";
    }

    private enum PlanGiven
    {
        NoneAtAll,
        NotGiven,
        Another,
        Removed,
    }

    private sealed record State(string Name, Sim Sim, Operation? Operation);

    /// <summary>An input, and what is different about the SIM, the time or the settings when it comes.</summary>
    private sealed record Row(
        string Name, Func<State, SimInput> Input, RatePlan? Plan = null, DateTimeOffset? Now = null, LifecycleRules? Rules = null,
        DateTimeOffset? Away = null, bool Bare = false, bool Noticed = false, bool Silent = false, long Bytes = 0, long Commands = 0)
    {
        /// <summary>The state with these differences; null where no SIM can be in it.</summary>
        public State? Prepare(State state)
        {
            var sim = state.Sim;
            if ((Bare && sim.Status is Ready or Active) || (Plan?.Narrowband == NarrowbandPlan.Developer && sim.Status == Ready)
                || (Noticed && sim.Status != Suspended))
                return null;
            return state with
            {
                Sim = sim with
                {
                    RatePlanId = Bare ? null : Plan?.Id ?? sim.RatePlanId,
                    Narrowband = Plan is { Narrowband: not NarrowbandPlan.None },
                    DataBytes = Bytes,
                    Commands = Commands,
                    SuspensionNoticed = Noticed,
                    Remembered = Silent ? SimOf(sim.Status).Remembered : sim.Remembered,
                },
                Operation = state.Operation is { } open ? open with { AwaySince = Away, Callback = Silent ? null : open.Callback } : null,
            };
        }
    }

    private const string Intro = """
        # Lifecycle

        All rules of a SIM's life are in one pure function, `Lifecycle.Decide` in `src/Core/Sims`. It takes the SIM, its open operation and
        what happened. It says what is stored, which event is written and who is called. This file shows its answer to every input. A test
        writes the file and compares it, so a change of a rule is a change of this file. After you change a rule, run
        `SIMKEEPER_UPDATE_DOCS=1 ./test` and read the difference.

        ## The rules in short

        - A user moves a SIM new → ready, active, deactivated; ready → active, suspended, deactivated; active → suspended, deactivated;
          suspended → active, deactivated; deactivated → active within its 72 hours. Nothing goes back to new, nothing leaves canceled.
        - An accepted change of status opens an operation. The SIM keeps its status, and shows `updating`, or `scheduled` once an attempt
          found the carrier away, until the operation ends: done, refused, expired or withdrawn. Only an operation that is done changes the
          SIM. A rate plan that came with the status settles, or fails, with it. There is at most one open operation, and it is checked
          before everything else; names, callback settings and metadata stay editable.
        - An operation expires 24 hours (`Operations:Deadline`) after it was accepted. The deadline stands still while the carrier is away;
          `Operations:ScheduledDeadline` bounds that too.
        - By itself, without the carrier, a ready SIM becomes active at 250,000 bytes, at the fifth Command in either direction or after
          three calendar months (UTC), and a deactivated one canceled after 72 hours. What falls due while an operation is open waits for
          its end. After three months of suspension there is one event.
        - The callback of a request is called once, when the request has taken effect or failed. If nothing had to change, it is called at
          once. The callback of a request for `ready` or `deactivated` is remembered, and called again at `active` or `canceled`. A later
          callback takes the place of the remembered one; coming back from `deactivated` drops it.

        ## How to read the tables

        A column is the state of a SIM: its settled status and, if an operation is open, also the status that the operation is to reach
        (operations to ready and active change the rate plan as well). A row is an input. Unless the row says otherwise, the SIM has a rate
        plan, every request gives a callback C, and SIMs that are ready, suspended or deactivated remember a callback R. The request that
        opened an open operation gave C. Each SIM has had its status since 30 November 2025, 12:00 UTC, and the input comes an hour later. A
        cell names what the input does, and leaves out what it does not:

        - the status shown afterwards, if it is another; `resetting`, or `reset_status` null, if that changed; gone if deleted;
        - what becomes of the operation: opens, waits for, ends;
        - the event: `sim.…` or `operation.…`;
        - the callbacks called, with the `ErrorCode` they carry, and what is remembered or forgotten;
        - or the refusal, which changes nothing: **the code of the KORE dialect** and our name for it (see errors.md).

        – means that nothing happens, and · that the SIM cannot be in this state.

        """;
}
