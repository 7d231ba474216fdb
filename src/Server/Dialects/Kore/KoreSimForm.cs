using Simkeeper.Core;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>
/// The parameters of a Sim's update. An empty value clears a property; of a choice (a status, an account, a callback), it counts as not
/// given.
/// </summary>
internal sealed class KoreSimForm(TwilioForm form, SealedUrls urls)
{
    private static readonly (string Parameter, string Hook)[] HookParameters =
    [
        .. SimHooks.Names.Select(name => (string.Concat(name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..])), name)),
    ];

    /// <summary>The update, without the parts that need the store.</summary>
    public SimInput.Request Read(Actor actor) => new()
    {
        Actor = actor,
        UniqueName = form.UniqueName(),
        FriendlyName = form.FriendlyName(),
        Hooks = Hooks(),
        Status = Status(),
        Reset = form.OneOf("ResetStatus", "resetting") is not null,
        Callback = form.Callback(urls),
    };

    /// <summary>
    /// Adds the parts that need the store: the account that is to own the SIM, and its rate plan there. An error in a value comes first.
    /// </summary>
    public async ValueTask<Result<SimInput>> ResolveAsync(Session session, Caller caller, Sim sim, SimInput.Request request)
    {
        if (form.Error is { } wrong)
            return wrong;
        if (request.Status is not null || request.Reset)
        {
            var owner = await session.OneAsync(AccountSql.Share, AccountTable.Rows.Read, sim.OrgId, sim.AccountId);
            if (owner is { Status: AccountStatus.Closed })
                return new Error(ErrorCode.NotAuthorized, "The SIM's account is closed. Move the SIM to another first.", "AccountSid");
            // The account was suspended while the request was on its way; its master can still act for it.
            if (owner is { Status: AccountStatus.Suspended } && !caller.IsMaster)
                return new Error(ErrorCode.AccountSuspended, TwilioError.AccountSuspended.Message);
        }
        Change<Result<Guid>>? account = null;
        if (form.Given("AccountSid") is { } sid)
            account = new(await AccountAsync(session, caller, sim, sid));
        Change<Result<RatePlan?>>? plan = null;
        if (form.Text("RatePlan") is { } key)
        {
            var owner = account is { Value: { Error: null } target } ? target.Value : sim.AccountId;
            plan = new(key is "" or "null" ? (RatePlan?)null : await PlanAsync(session, sim.OrgId, owner, key));
        }
        return request with { Account = account, RatePlan = plan, Hooks = Stored(request.Hooks, sim.Hooks) };
    }

    /// <summary>The hooks in the form in which they are stored. A URL that stays the same keeps its form: that is no change.</summary>
    private Dictionary<string, string?>? Stored(IReadOnlyDictionary<string, string?>? given, IReadOnlyDictionary<string, string> before) =>
        given?.ToDictionary(hook => hook.Key, hook => hook.Value is not { } value || SimHooks.IsMethod(hook.Key)
            ? hook.Value
            : before.TryGetValue(hook.Key, out var stored) && urls.OpenOrHidden(stored) == value ? stored : urls.Seal(value));

    private static async ValueTask<Result<Guid>> AccountAsync(Session session, Caller caller, Sim sim, string sid)
    {
        if (!Ids.TryParseSid("AC", sid, out var id))
            return new Error(ErrorCode.InvalidValue, "AccountSid is AC and 32 hex digits.", "AccountSid");
        if (id == sim.AccountId)
            return id;
        var account = caller.IsMaster ? await session.OneAsync(AccountSql.Share, AccountTable.Rows.Read, caller.OrgId, id) : null;
        if (account is null)
        {
            return new Error(ErrorCode.NotAuthorized,
                "A SIM can be moved only with the master account's credentials, to it or one of its subaccounts.", "AccountSid");
        }
        return account.Status == AccountStatus.Active
            ? account.Id
            : new Error(ErrorCode.NotAuthorized, $"The account is {account.Status.ToWire()} and gets no SIMs.", "AccountSid");
    }

    private static async ValueTask<Result<RatePlan?>> PlanAsync(Session session, Guid orgId, Guid accountId, string key)
    {
        var plan = await RatePlans.HoldAsync(session, orgId, accountId, key);
        return plan is null
            ? new Error(ErrorCode.RatePlanNotFound, "The account that is to own the SIM has no such RatePlan.", "RatePlan")
            : plan;
    }

    private Dictionary<string, string?>? Hooks()
    {
        Dictionary<string, string?>? hooks = null;
        foreach (var (parameter, hook) in HookParameters)
        {
            if (form.Text(parameter) is null)
                continue;
            hooks ??= [];
            hooks[hook] = SimHooks.IsMethod(hook) ? form.Method(parameter) : form.Url(parameter, isCalled: hook == "commands_callback_url");
        }
        return hooks;
    }

    /// <summary>
    /// Reads the status asked for. The status model refuses those that nobody can ask for, except the words for waiting, which are refused
    /// here.
    /// </summary>
    private SimStatus? Status()
    {
        if (form.Given("Status") is not { } text)
            return null;
        if (SimStatusNames.Settled(text) is { } status)
            return status;
        form.Refuse(text is "updating" or "scheduled"
            ? new Error(ErrorCode.TransitionInvalid, $"A SIM cannot be asked to become {text}.")
            : new Error(ErrorCode.InvalidValue, "Status is ready, active, suspended or deactivated."));
        return null;
    }
}
