using Simkeeper.Core;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Api.Kore;

/// <summary>The parameters of an update. An empty value clears; unknown ones are ignored, as Twilio does.</summary>
/// <param name="allowHttp">Whether URLs that we call may be http: in a sandbox.</param>
internal sealed class KoreForm(Dictionary<string, string> form, bool allowHttp)
{
    public const int UrlMax = 2048;
    public const int FriendlyNameMax = 256;

    private static readonly (string Parameter, string Hook)[] HookParameters =
    [
        .. SimHooks.Names.Select(name => (string.Concat(name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..])), name)),
    ];

    /// <summary>The update, as far as it can be read without the store.</summary>
    /// <exception cref="KoreException">A value is not acceptable.</exception>
    public SimInput.Request Read(Actor actor) => new()
    {
        Actor = actor,
        UniqueName = Text("UniqueName") is { } unique ? new Change<string?>(UniqueNameOf(unique)) : null,
        FriendlyName = Text("FriendlyName") is { } friendly ? new Change<string?>(FriendlyNameOf(friendly)) : null,
        Hooks = Hooks(),
        Status = Text("Status") is { } status ? StatusOf(status) : null,
        Reset = Text("ResetStatus") is { } reset && ResetOf(reset),
        Callback = CallbackOf(),
    };

    /// <summary>Adds what has to be looked up: the account that is to own the SIM, and the rate plan in that account.</summary>
    public async ValueTask<Result<SimInput>> ResolveAsync(Session session, Caller caller, Sim sim, SimInput.Request request)
    {
        Change<Result<Guid>>? account = null;
        if (Text("AccountSid") is { Length: > 0 } sid)
            account = new(await AccountAsync(session, caller, sim, sid));
        Change<Result<RatePlan?>>? plan = null;
        if (Text("RatePlan") is { } key)
        {
            var owner = account is { Value: { Error: null } target } ? target.Value : sim.AccountId;
            plan = new(key is "" or "null" ? (RatePlan?)null : await PlanAsync(session, sim.OrgId, owner, key));
        }
        return request with { Account = account, RatePlan = plan };
    }

    private static async ValueTask<Result<Guid>> AccountAsync(Session session, Caller caller, Sim sim, string sid)
    {
        if (!Ids.TryParseSid("AC", sid, out var id))
            return new Error(ErrorCode.InvalidValue, "AccountSid is AC and 32 hex digits.", "AccountSid");
        if (id == sim.AccountId)
            return id;
        var account = caller.IsMaster ? await session.OneAsync(AccountSql.ById, AccountSql.Read, caller.OrgId, id) : null;
        return account is null
            ? new Error(ErrorCode.NotAuthorized,
                "A SIM can be moved only with the master account's credentials, to it or one of its subaccounts.", "AccountSid")
            : account.Id;
    }

    private static async ValueTask<Result<RatePlan?>> PlanAsync(Session session, Guid orgId, Guid accountId, string key)
    {
        var plan = await RatePlans.FindAsync(session, orgId, accountId, key);
        return plan is null
            ? new Error(ErrorCode.RatePlanNotFound, "The account that is to own the SIM has no such RatePlan.", "RatePlan")
            : plan;
    }

    private string? Text(string name) => form.GetValueOrDefault(name);

    private static string? UniqueNameOf(string text)
    {
        if (text.Length == 0)
            return null;
        var name = UniqueName.Parse(text);
        return name.Error is { } error ? throw Invalid(error.Message) : name.Value.Value;
    }

    private static string? FriendlyNameOf(string text)
    {
        if (text.EnumerateRunes().Count() > FriendlyNameMax || text.Contains('\0') || text.Contains('\uFFFD'))
            throw Invalid($"FriendlyName has at most {FriendlyNameMax} characters of valid UTF-8.");
        return text.Length == 0 ? null : text;
    }

    private Dictionary<string, string?>? Hooks()
    {
        Dictionary<string, string?>? hooks = null;
        foreach (var (parameter, hook) in HookParameters)
        {
            if (Text(parameter) is not { } text)
                continue;
            hooks ??= [];
            hooks[hook] = text.Length == 0 ? null
                : SimHooks.IsMethod(hook) ? MethodOf(parameter, text)
                : UrlOf(parameter, text, isCalled: hook == "commands_callback_url");
        }
        return hooks;
    }

    /// <summary>A status to ask for; the ones nobody can ask for are refused by the status model, except the words for waiting.</summary>
    private static SimStatus StatusOf(string text) => SimStatusNames.Settled(text) ?? throw (text is "updating" or "scheduled"
        ? new KoreException(new KoreError(33105, 400, $"A SIM cannot be asked to become {text}."))
        : Invalid("Status is ready, active, suspended or deactivated."));

    private static bool ResetOf(string text) => text is "" or "resetting" ? text.Length > 0 : throw Invalid("ResetStatus is resetting.");

    private Callback? CallbackOf()
    {
        var method = Text("CallbackMethod") is { Length: > 0 } given ? MethodOf("CallbackMethod", given) : "POST";
        return Text("CallbackUrl") is { Length: > 0 } url ? new Callback(UrlOf("CallbackUrl", url, isCalled: true), method) : null;
    }

    private static string MethodOf(string parameter, string text) => text.ToUpperInvariant() switch
    {
        "GET" => "GET",
        "POST" => "POST",
        _ => throw Invalid($"{parameter} is GET or POST."),
    };

    /// <param name="isCalled">We call it; the old SMS and voice URLs are only kept.</param>
    private string UrlOf(string parameter, string text, bool isCalled)
    {
        if (text.Length > UrlMax || text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c == '\uFFFD')
            || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            throw Invalid($"{parameter} is an absolute http or https URL of at most {UrlMax} characters.");
        return !isCalled || allowHttp || url.Scheme == "https"
            ? text
            : throw Invalid($"{parameter} is an https URL: messages go over http in a sandbox only.");
    }

    private static KoreException Invalid(string message) => new(KoreError.InvalidValue(message));
}
