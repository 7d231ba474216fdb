using System.CommandLine;
using Simkeeper.Cli.Commands;
using Clock = Simkeeper.Cli.Commands.Clock;
using Sims = Simkeeper.Cli.Commands.Sims;

namespace Simkeeper.Cli;

/// <summary>The tree of all commands.</summary>
internal static class Root
{
    private static readonly string[] Sim = ["sid", "account", "iccid", "type", "provider", "status", "shown", "uniqueName"];
    private static readonly string[] Key = ["id", "kind", "role", "name", "expiresAt", "createdAt"];
    private static readonly string[] Operation = ["id", "sim", "kind", "wanted", "state", "attempts", "createdAt", "lastError"];
    private static readonly string[] Delivery = ["id", "kind", "state", "sim", "createdAt", "url"];
    private static readonly string[] Endpoint = ["id", "account", "state", "events", "url"];

    private static readonly (string Name, Func<Command> Make)[] Commands =
    [
        ("serve", () => new Serve()),
        ("status", () => new Status()),
        ("import", () => new Import()),
        ("sims", () => new Command("sims", "Look at SIMs and change them.")
        {
            new Sims.List(),
            new Sims.Get(),
            new Sims.Change("activate", "Ask the carrier to let a SIM connect."),
            new Sims.Change("suspend", "Ask the carrier to block a SIM until it is activated again."),
            new Sims.Change("deactivate", "Ask the carrier to block a SIM; 72 hours later it is canceled for ever."),
            new Sims.Change("reset", "Ask the carrier to detach a SIM, so that it connects anew."),
            new ApiCommand("esim-profile", "Record where a SIM's profile stands on its device.", HttpMethod.Put,
                "sims/{id}/esim-profile", [],
                new("status", "installed, enabled, disabled or deleted.", IsRequired: true),
                new("at", "When it happened; now without it.", ApiFieldKind.Time)),
            new Sims.CommandFrom(),
        }),
        ("operations", () => new Command("operations", "Look at changes that carriers work on, and end them.")
        {
            new ApiCommand("list", "List operations, newest first.", HttpMethod.Get, "operations", Operation,
                new("state", "Only operations in this state: open, done, refused, expired or withdrawn."),
                new("sim", "Only operations on this SIM."), new("carrier", "Only operations at this carrier.")),
            new ApiCommand("get", "Show an operation.", HttpMethod.Get, "operations/{id}", []),
            new ApiCommand("force", "End an operation as a person decides.", HttpMethod.Post, "operations/{id}/force", [],
                new ApiField("outcome", "done or refused.", IsRequired: true)),
            new ApiCommand("retry", "Ask the carrier again at once.", HttpMethod.Post, "operations/{id}/retry", []),
            new ApiCommand("withdraw", "Take an operation back.", HttpMethod.Post, "operations/{id}/withdraw", []),
        }),
        ("accounts", () => new Command("accounts", "Create accounts and look at them.")
        {
            new ApiCommand("create", "Create an account; its auth token is shown this once.", HttpMethod.Post, "accounts", [],
                new("name", "Its name.", IsRequired: true), new("project", "Its project's id.", IsRequired: true),
                new("parent", "Sid of the master account; without it the account is a master itself.")),
            new ApiCommand("list", "List accounts, oldest first.", HttpMethod.Get, "accounts",
                ["sid", "name", "project", "parent", "status"]),
            new ApiCommand("get", "Show an account.", HttpMethod.Get, "accounts/{sid}", []),
        }),
        ("keys", () => new Command("keys", "Make, list and delete an account's keys.")
        {
            new ApiCommand("create", "Make a key; its secret is shown this once.", HttpMethod.Post, "accounts/{account}/keys", [],
                new("kind", "The API that it is for: gigs, kore, or client for OAuth2.", IsRequired: true),
                new("role", "read or write; write without it."), new("name", "For people."),
                new("expiresAt", "When it ends; never without it.", ApiFieldKind.Time)),
            new ApiCommand("list", "List keys, without their secrets.", HttpMethod.Get, "accounts/{account}/keys", Key),
            new ApiCommand("delete", "Delete a key: it is refused from then on.", HttpMethod.Delete, "accounts/{account}/keys/{id}", []),
        }),
        ("operator-keys", () => new Command("operator-keys", "Make, list and delete keys of the operator API.")
        {
            new ApiCommand("create", "Make an operator key; its secret is shown this once.", HttpMethod.Post, "operator-keys", [],
                new("role", "read or write; write without it."), new("name", "For people."),
                new("expiresAt", "When it ends; never without it.", ApiFieldKind.Time)),
            new ApiCommand("list", "List operator keys, without their secrets.", HttpMethod.Get, "operator-keys", Key),
            new ApiCommand("delete", "Delete an operator key: it is refused from then on.", HttpMethod.Delete, "operator-keys/{id}", []),
        }),
        ("rate-plans", () => new Command("rate-plans", "Look at rate plans.")
        {
            new ApiCommand("list", "List rate plans, newest first.", HttpMethod.Get, "rate-plans",
                ["sid", "account", "uniqueName", "friendlyName", "dataEnabled", "dataLimit"],
                new ApiField("account", "Only plans of this account.")),
        }),
        ("deliveries", () => new Command("deliveries", "Look at callbacks and webhooks, and send them again.")
        {
            new ApiCommand("list", "List deliveries, newest first.", HttpMethod.Get, "deliveries", Delivery,
                new("state", "Only deliveries in this state: pending, delivered or dead."), new("kind", "callback or webhook."),
                new("sim", "Only deliveries about this SIM."), new("account", "Only deliveries of this account."),
                new("endpoint", "Only deliveries to this webhook endpoint."), new("since", "Made then and later.", ApiFieldKind.Time),
                new("until", "Made before.", ApiFieldKind.Time)),
            new ApiCommand("get", "Show a delivery with its attempts.", HttpMethod.Get, "deliveries/{id}", []),
            new ApiCommand("redeliver", "Send a delivery again.", HttpMethod.Post, "deliveries/{id}/redeliver", []),
            new ApiCommand("redeliver-range", "Send deliveries of a time again.", HttpMethod.Post, "deliveries/redeliver", [],
                new("since", "Made then and later.", ApiFieldKind.Time, IsRequired: true), new("until", "Made before.", ApiFieldKind.Time),
                new("state", "Only those in this state; dead without it."), new("to", "Another URL to send them to."),
                new("account", "Only those of this account."), new("endpoint", "Only those to this webhook endpoint."),
                new("after", "Go on after the answer before, whose next it is.")),
        }),
        ("webhook-endpoints", () => new Command("webhook-endpoints", "Make, test and end standing subscriptions to events.")
        {
            new ApiCommand("create", "Create a webhook endpoint; its secret is shown this once.", HttpMethod.Post, "webhook-endpoints", [],
                new("account", "Sid of the account whose events it hears.", IsRequired: true),
                new("url", "The URL that is called.", IsRequired: true), new("events", "Types of events; * for all.", ApiFieldKind.List),
                new("ordered", "Send the events of a SIM one after another.", ApiFieldKind.Flag)),
            new ApiCommand("list", "List webhook endpoints.", HttpMethod.Get, "webhook-endpoints", Endpoint,
                new ApiField("account", "Only those of this account.")),
            new ApiCommand("get", "Show a webhook endpoint.", HttpMethod.Get, "webhook-endpoints/{id}", []),
            new ApiCommand("delete", "Delete a webhook endpoint.", HttpMethod.Delete, "webhook-endpoints/{id}", []),
            new ApiCommand("enable", "Enable a webhook endpoint that was disabled.", HttpMethod.Post, "webhook-endpoints/{id}/enable", []),
            new ApiCommand("rotate-secret", "Give it another secret; both are valid for a while.", HttpMethod.Post,
                "webhook-endpoints/{id}/rotate-secret", []),
            new ApiCommand("test", "Send it an example of an event.", HttpMethod.Post, "webhook-endpoints/{id}/test", [],
                new ApiField("event", "The type of the event.")),
        }),
        ("usage", () => new Command("usage", "Report what SIMs used.") { new UsageReport() }),
        ("carriers", () => new Command("carriers", "Look at carriers and set their limits.")
        {
            new ApiCommand("list", "List carriers.", HttpMethod.Get, "carriers",
                ["id", "kind", "state", "connected", "inFlight", "queued", "oldestWaiting", "lastError"]),
            new ApiCommand("update", "Set the limits of a carrier.", HttpMethod.Put, "carriers/{id}", [],
                new("callsPerSecond", "The most calls a second; 0: any number.", ApiFieldKind.Number),
                new("inFlight", "The most changes at once.", ApiFieldKind.Number)),
        }),
        ("faults", () => new Command("faults", "Let a sandbox's carrier fail.")
        {
            new ApiCommand("create", "Let a carrier fail.", HttpMethod.Post, "faults", [],
                new("kind", "down, slow, refuse, lost or twice.", IsRequired: true), new("carrier", "The carrier; test without it."),
                new("for", "For this long, such as 10m."), new("count", "For so many calls.", ApiFieldKind.Number),
                new("code", "The code of refusals.", ApiFieldKind.Number), new("delay", "The delay of slow answers, such as 5s."),
                new("seed", "Makes what is random repeatable.", ApiFieldKind.Number), new("name", "For people.")),
            new ApiCommand("list", "List faults.", HttpMethod.Get, "faults", ["id", "carrier", "kind", "name", "until", "left"]),
            new ApiCommand("clear", "End all faults.", HttpMethod.Delete, "faults", []),
        }),
        ("clock", () => new Command("clock", "Look at the clock that SIMs live by, and in a sandbox move it.")
        {
            new Clock.Now(),
            new Clock.Advance(),
            new Clock.Freeze(),
            new Clock.Resume(),
        }),
        ("events", () => new Events()),
        ("listen", () => new Listen()),
        ("proxy", () => new Proxy()),
        ("config", () => new Command("config", "Look at the settings that serve would have.") { new ConfigCheck(), new ConfigShow() }),
        ("completion", () => new Completion()),
        ("migrate-store", () => new MigrateStore()),
        ("doctor", () => new Doctor()),
    ];

    /// <summary>
    /// Only the command that is asked for is made, as far as the arguments show it: <c>serve</c> has to start quickly, and takes no address
    /// or key of a server.
    /// </summary>
    public static RootCommand Of(IReadOnlyList<string> args)
    {
        var asked = args.FirstOrDefault(arg => Commands.Any(command => command.Name == arg));
        var root = new RootCommand("Keeps an inventory of SIMs behind two published APIs.");
        if (asked != "serve")
            SharedOptions.AddGlobalTo(root);
        foreach (var (name, make) in Commands)
        {
            if (asked is null || asked == name)
                root.Add(make());
        }
        return root;
    }

    /// <summary>The names of the commands, in the order of help.</summary>
    public static IEnumerable<string> Names => Commands.Select(command => command.Name);
}
