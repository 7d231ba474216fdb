using System.Globalization;
using Simkeeper.Core;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>Settings of the KORE dialect and of its callbacks.</summary>
internal sealed class KoreSettings
{
    /// <summary>The name of the dialect in the store.</summary>
    public const string DialectName = "kore";

    private const int UserAgentMax = 200;

    private readonly DeliveryPolicy _policy;
    private readonly Dictionary<Guid, DeliveryPolicy> _policies = [];

    /// <exception cref="StartException">A value cannot be read, or is out of range.</exception>
    public KoreSettings(Settings read, HttpSettings http, SandboxSettings sandbox)
    {
        Http = http;
        Dialect = new TwilioDialect(
            DialectName, http.BodyBytesMax, http.FormFieldsMax, sandbox.Enabled, KoreErrors.InvalidValueCode, KoreErrors.InvalidPagingCode);
        MoreInfoUrl = read.Text("Kore:MoreInfoUrl", "https://www.twilio.com/docs/errors/",
            "The start of `more_info` in a KORE error; the code follows.");
        AsyncStatus = int.Parse(read.OneOf("Kore:AsyncStatus", "202",
            "The HTTP status of POST Sim when it opens an operation: `202` as Twilio's samples show, or `200` as the published documents "
            + "list.", "202", "200"), CultureInfo.InvariantCulture);
        UserAgent = read.Text("Kore:UserAgent", "KoreProxy/1.1", "The `User-Agent` of a callback.",
            text => text.Length is >= 1 and <= UserAgentMax && text.Trim() == text && text.All(c => c is >= ' ' and <= '~'),
            $"has 1 to {UserAgentMax} characters of visible ASCII");
        TokenLife = read.Duration("Kore:TokenLife", "1h", "1m", "730d", "The life of an OAuth2 access token. Wall clock.");
        EventsKeep = read.DurationOrNull("Events:Keep", "1h", "3650d",
            "The greatest age of events that Monitor shows; without it, all events.");
        _policy = Policy(read, "Deliveries:Policy", "durable",
            "The policy by which callbacks are tried again: `durable`, or `faithful` to KORE (docs/operations.md).");
        read.Describe("Deliveries:Accounts:{sid}:Policy", "Deliveries:Policy",
            "`durable` or `faithful` for the callbacks of this account; overrides `Deliveries:Policy`.");
        foreach (var sid in read.NamesIn("Deliveries:Accounts"))
        {
            if (!Ids.TryParseSid("AC", sid, out var id))
                throw Settings.Wrong($"Deliveries:Accounts:{sid}", "names an account by its sid, AC and 32 hex digits");
            _policies[id] = Policy(read, $"Deliveries:Accounts:{sid}:Policy", _policy.Name, null);
        }
    }

    public string MoreInfoUrl { get; }

    /// <summary>The HTTP status of an update that opens an operation: 202 or 200.</summary>
    public int AsyncStatus { get; }

    /// <summary>The User-Agent of a callback.</summary>
    public string UserAgent { get; }

    public TimeSpan TokenLife { get; }

    public TimeSpan? EventsKeep { get; }

    public HttpSettings Http { get; }

    public TwilioDialect Dialect { get; }

    /// <summary>The retry policy for callbacks of this account.</summary>
    public DeliveryPolicy PolicyOf(Guid accountId) => _policies.GetValueOrDefault(accountId, _policy);

    private static DeliveryPolicy Policy(Settings read, string name, string byDefault, string? means) =>
        DeliveryPolicy.Named(read.OneOf(name, byDefault, means, "durable", "faithful"))!;
}
