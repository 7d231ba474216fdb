using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Configuration;
using Simkeeper.Core;
using Simkeeper.Core.Deliveries;

namespace Simkeeper.Server.Hosting;

/// <summary>
/// Every setting with its default: <c>Section:Name</c> in simkeeper.json, <c>SIMKEEPER__Section__Name</c> in the environment. Read once
/// and checked at the start; docs/configuration.md is made from here.
/// </summary>
internal sealed class Settings
{
    private readonly IConfiguration _configuration;
    private readonly List<(string Name, string Default, string Means)> _described = [];
    private readonly Dictionary<Guid, DeliveryPolicy> _policies = [];

    /// <exception cref="StartException">A value cannot be read, or is out of range.</exception>
    public Settings(IConfiguration configuration)
    {
        _configuration = configuration;
        Sandbox = Flag("Sandbox:Enabled", false, "Run as a sandbox: well-known credentials, demo SIMs, a clock that moves. The same as `--sandbox`.");
        AllowRemote = Flag("Sandbox:AllowRemote", false, "Let a sandbox listen on an address other than loopback (containers).");
        Urls = Text("Http:Urls", "http://127.0.0.1:8080", "Where to listen. The same as `--urls`.");
        if (!Urls.Split(';').All(IsBinding))
            throw Wrong("Http:Urls", "is an address such as http://127.0.0.1:8080, or several with ; between them (TLS ends at a proxy)");
        Data = Text("Storage:Data", "./.simkeeper", "The data folder of the embedded store. The same as `--data`.");
        Database = TextOrNull("Storage:Database", "A PostgreSQL connection string, for any number of servers on one store; without it the embedded store in the data folder. The same as `--database`.");
        Role = Text("Jobs:Role", "all", "`api` answers requests, `worker` does the work that is due, `all` both. The same as `--role`.", "api", "worker", "all");
        PublicUrl = TextOrNull("Http:PublicUrl", "The base of absolute URLs in answers. Without it they repeat scheme and Host of the request. The same as `--public-url`.");
        if (PublicUrl is not null && !(Uri.TryCreate(PublicUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            throw Wrong("Http:PublicUrl", "is an absolute http or https URL");
        TrustedProxies = List("Http:TrustedProxies", "", "Addresses of proxies, with commas between them, whose `X-Forwarded-Proto`, `-Host` and `-For` count.");
        if (!TrustedProxies.All(proxy => IPAddress.TryParse(proxy, out _)))
            throw Wrong("Http:TrustedProxies", "is IP addresses with commas between them");
        BodyBytesMax = Number("Http:BodyBytesMax", 64 * 1024, 1024, 16 * 1024 * 1024, "The largest request body, imports excepted.");
        ImportBytesMax = Number("Import:BytesMax", 4L << 30, 1024, 1L << 40, "The largest file that an import takes.");
        SecretsKey = TextOrNull("Secrets:Key", "Wraps the key ring that encrypts stored secrets. Without it the embedded store makes `secrets.key` in the data folder; PostgreSQL requires it, outside a sandbox.");
        OldSecretsKey = TextOrNull("Secrets:OldKey", "The former `Secrets:Key`, when that is changed: at the start the key ring is wrapped anew. Then take it away.");
        RefuseLuhn = Text("Import:Luhn", "warn", "What an ICCID with a wrong check digit gets: `warn` or `refuse`.", "warn", "refuse") == "refuse";
        ListRetired = Flag("Gigs:ListRetired", true, "Whether a Gigs list without `status` shows retired SIMs; false is the behaviour of 2022.");
        IdempotencyLife = Duration("Gigs:IdempotencyLife", "24h", "1m", "90d", "How long an `Idempotency-Key` is remembered.");
        ProfileProviders = List("EsimProfile:Providers", "p3,p14,p15,test", "The providers whose eSIM profile status is known; all others answer `unknown`.");
        QrPerMinute = Number("Gigs:QrPerMinute", 600, 1, 1_000_000, "QR codes that one address may ask for a minute, of IPv6 the network of 64 bits; beyond it the answer is 429.");
        MoreInfoUrl = Text("Kore:MoreInfoUrl", "https://www.twilio.com/docs/errors/", "What `more_info` of a KORE error starts with; the code follows.");
        TokenLife = Duration("Kore:TokenLife", "1h", "1m", "730d", "How long an OAuth2 access token holds. Wall clock.");
        EventsKeep = DurationOrNull("Events:Keep", "1h", "3650d", "How far back Monitor shows events; without it, to the first.");
        SubaccountsMax = Number("Accounts:SubaccountsMax", 1000, 0, 1_000_000, "Subaccounts that a master account may make by itself, closed ones counted.");
        FailuresPerAddress = Number("Accounts:FailuresPerAddress", 600, 1, 1_000_000, "Failed log-ins that one address may make a minute, of IPv6 the network of 64 bits; beyond it the answer is 429. Callers who have logged in already are let in all the same.");
        FailuresPerCredential = Number("Accounts:FailuresPerCredential", 60, 1, 1_000_000, "Failed log-ins a minute with one id (an account sid, an `SK…` or a client id), whether there is such an id or not; beyond it the answer is 429.");
        OperationDeadline = Duration("Operations:Deadline", "24h", "1s", "3650d", "How long an operation may stay open while its carrier is there.");
        ScheduledDeadline = DurationOrNull("Operations:ScheduledDeadline", "1s", "3650d", "How long an operation may stay open while its carrier is away; without it, for ever.");
        AllowReactivation = Flag("Lifecycle:AllowReactivation", true, "Whether a deactivated SIM can become active inside its 72 hours.");
        CommandsDeadline = Duration("Commands:Deadline", "24h", "1s", "3650d", "How long a Command may be on its way; then it has failed. SIM clock.");
        CommandsKeep = Duration("Commands:Keep", "30d", "1h", "3650d", "How long a Command that has ended is kept. SIM clock.");
        JobLease = Duration("Jobs:Lease", "10s", "1s", "1h", "How long a worker may hold a job before another may take it. Wall clock.");
        ConnectTimeout = Duration("Deliveries:ConnectTimeout", "5s", "100ms", "1m", "How long a receiver may take to accept a connection.");
        DeliveryTimeout = Duration("Deliveries:Timeout", "15s", "100ms", "5m", "How long one delivery attempt may take in all.");
        AtOncePerReceiver = (int)Number("Deliveries:AtOncePerReceiver", 32, 1, 256, "Deliveries that one org sends to one receiver (scheme, host and port) at once, while it answers.");
        DeliveriesKeep = Duration("Deliveries:Keep", "90d", "1d", "3650d", "How long a delivery that has ended is kept, with its attempts, from when it was made. SIM clock.");
        DefaultPolicy = Policy("Deliveries:Policy", "durable", "How long a callback is tried: `durable`, or `faithful` to KORE (docs/operations.md).");
        AllowedRanges = [.. List("Deliveries:AllowedRanges", "", "Address ranges such as `10.1.0.0/16`, with commas between them, that may be called although they are not public.")
            .Select(range => IPNetwork.TryParse(range, out var network) ? network : throw Wrong("Deliveries:AllowedRanges", "is address ranges such as 10.1.0.0/16 or fd12:3456::/32 with commas between them"))];
        OtlpEndpoint = TextOrNull("Telemetry:OtlpEndpoint", "Where metrics, traces and logs go: the base address of an OTLP/HTTP collector, such as http://collector:4318.");
        if (OtlpEndpoint is not null && !(Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out var collector) && collector.Scheme is "http" or "https"))
            throw Wrong("Telemetry:OtlpEndpoint", "is an absolute http or https URL");
        TelemetryInterval = Duration("Telemetry:Interval", "60s", "1s", "1h", "How often metrics are sent.");
        TracesPercent = Number("Telemetry:TracesPercent", 100, 0, 100, "How many of a hundred requests are traced, unless the caller has decided (`traceparent`).");
        SecretOverlap = Duration("Webhooks:SecretOverlap", "24h", "0s", "90d", "How long an old secret signs beside the new one after a rotation. Wall clock.");
        DisableAfter = Duration("Webhooks:DisableAfter", "5d", "1m", "3650d", "How long a webhook endpoint may do nothing but fail before it is disabled. SIM clock.");
        UsageBytesMax = Number("Usage:BytesMax", 8 * 1024 * 1024, 1024, 1L << 30, "The largest batch of usage reports that the operator API takes.");
        UsageRetention = Duration("Usage:Retention", "548d", "62d", "3650d", "How long usage is kept; reports of what is older are refused.");
        BenchConstant = Flag("Bench:Constant", false, "Answer `/bench/constant` with a fixed SIM: the floor that `./bench` measures against.");
        CarrierIds = [.. configuration.GetSection("Carriers").GetChildren().Select(child => child.Key)];
        foreach (var id in CarrierIds)
            _ = (CarrierKind(id), CarrierDelay(id));
        foreach (var account in configuration.GetSection("Deliveries:Accounts").GetChildren())
        {
            if (!Ids.TryParseSid("AC", account.Key, out var id))
                throw Wrong($"Deliveries:Accounts:{account.Key}", "names an account by its sid, AC and 32 hex digits");
            _policies[id] = Policy($"Deliveries:Accounts:{account.Key}:Policy", DefaultPolicy.Name, "");
        }
    }

    public bool Sandbox { get; }
    public bool AllowRemote { get; }
    public string Urls { get; }
    public string Data { get; }

    /// <summary>Holds a password: never to be logged.</summary>
    public string? Database { get; }

    public string Role { get; }
    public string? PublicUrl { get; }
    public IReadOnlyList<string> TrustedProxies { get; }
    public long BodyBytesMax { get; }
    public long ImportBytesMax { get; }
    public string? SecretsKey { get; }
    public string? OldSecretsKey { get; }
    public bool RefuseLuhn { get; }
    public bool ListRetired { get; }
    public TimeSpan IdempotencyLife { get; }
    public IReadOnlyList<string> ProfileProviders { get; }
    public long QrPerMinute { get; }
    public string MoreInfoUrl { get; }
    public TimeSpan TokenLife { get; }
    public TimeSpan? EventsKeep { get; }
    public long SubaccountsMax { get; }
    public long FailuresPerAddress { get; }
    public long FailuresPerCredential { get; }
    public TimeSpan OperationDeadline { get; }
    public TimeSpan? ScheduledDeadline { get; }
    public bool AllowReactivation { get; }
    public TimeSpan CommandsDeadline { get; }
    public TimeSpan CommandsKeep { get; }
    public TimeSpan JobLease { get; }
    public TimeSpan ConnectTimeout { get; }
    public TimeSpan DeliveryTimeout { get; }
    public int AtOncePerReceiver { get; }
    public TimeSpan DeliveriesKeep { get; }
    public DeliveryPolicy DefaultPolicy { get; }
    public IReadOnlyList<IPNetwork> AllowedRanges { get; }
    public string? OtlpEndpoint { get; }
    public TimeSpan TelemetryInterval { get; }
    public long TracesPercent { get; }
    public TimeSpan SecretOverlap { get; }
    public TimeSpan DisableAfter { get; }
    public long UsageBytesMax { get; }
    public TimeSpan UsageRetention { get; }
    public bool BenchConstant { get; }

    /// <summary>The carriers that have an entry of their own.</summary>
    public IReadOnlyList<string> CarrierIds { get; }

    /// <summary>How long callbacks of this account are tried.</summary>
    public DeliveryPolicy PolicyOf(Guid accountId) => _policies.GetValueOrDefault(accountId, DefaultPolicy);

    /// <summary><c>test</c> or <c>manual</c>.</summary>
    public string CarrierKind(string id) =>
        Text($"Carriers:{id}:Kind", id == "test" ? "test" : "manual", "", "test", "manual");

    /// <summary>How long the test carrier takes to answer.</summary>
    public TimeSpan CarrierDelay(string id) => Duration($"Carriers:{id}:Delay", "200ms", "0ms", "24h", "");

    /// <summary>What a carrier may be asked, unless an operator has set it otherwise.</summary>
    public Carriers.CarrierLimits CarrierLimits(string id) => new(
        (int)Number($"Carriers:{id}:CallsPerSecond", Carriers.CarrierLimits.Default.CallsPerSecond, 0, Carriers.CarrierLimits.CallsPerSecondMax, ""),
        (int)Number($"Carriers:{id}:InFlight", Carriers.CarrierLimits.Default.InFlight, 1, Carriers.CarrierLimits.InFlightMax, ""));

    /// <summary>Reads <c>500ms</c>, <c>30s</c>, <c>15m</c>, <c>72h</c> or <c>90d</c>; a bare number is no duration.</summary>
    public static bool TryParseDuration(string? text, out TimeSpan duration)
    {
        duration = default;
        var unit = text?.AsSpan().TrimStart("0123456789").ToString();
        var millisecondsPerUnit = unit switch { "ms" => 1L, "s" => 1000, "m" => 60_000, "h" => 3_600_000, "d" => 86_400_000, _ => 0 };
        if (millisecondsPerUnit == 0 || !long.TryParse(text.AsSpan(0, text!.Length - unit!.Length), NumberStyles.None, null, out var count)
            || count > TimeSpan.MaxValue.TotalMilliseconds / millisecondsPerUnit / 10)
            return false;
        duration = TimeSpan.FromMilliseconds(count * millisecondsPerUnit);
        return true;
    }

    /// <summary>Writes a duration in the largest unit that holds it exactly.</summary>
    public static string Duration(TimeSpan duration)
    {
        var milliseconds = (long)duration.TotalMilliseconds;
        return milliseconds switch
        {
            0 => "0s",
            _ when milliseconds % 86_400_000 == 0 => $"{milliseconds / 86_400_000}d",
            _ when milliseconds % 3_600_000 == 0 => $"{milliseconds / 3_600_000}h",
            _ when milliseconds % 60_000 == 0 => $"{milliseconds / 60_000}m",
            _ when milliseconds % 1000 == 0 => $"{milliseconds / 1000}s",
            _ => $"{milliseconds}ms",
        };
    }

    /// <summary>docs/configuration.md's table.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder("| setting | default | what it does |\n| --- | --- | --- |\n");
        foreach (var (name, byDefault, means) in _described)
            text.Append(CultureInfo.InvariantCulture, $"| `{name}` | {(byDefault.Length == 0 ? "none" : $"`{byDefault}`")} | {means} |\n");
        text.Append("| `Carriers:{id}:Kind` | `test` for the id `test`, else `manual` | `test` answers by itself; with `manual` an operation waits for a person. |\n");
        text.Append("| `Carriers:{id}:Delay` | `200ms` | How long a carrier of kind `test` takes to answer. SIM clock. |\n");
        text.Append("| `Carriers:{id}:CallsPerSecond` | `0` | Changes a second that a carrier may be asked for; 0: no limit. SIM clock. |\n");
        text.Append("| `Carriers:{id}:InFlight` | `256` | Changes sent to a carrier and not yet answered. |\n");
        text.Append("| `Deliveries:Accounts:{sid}:Policy` | `Deliveries:Policy` | The same for the callbacks of one account. |\n");
        return text.ToString();
    }

    private string? Raw(string name, string byDefault, string means)
    {
        if (means.Length > 0)
            _described.Add((name, byDefault, means));
        return _configuration[name] is { Length: > 0 } value ? value : null;
    }

    private string Text(string name, string byDefault, string means, params string[] allowed)
    {
        var value = Raw(name, byDefault, means) ?? byDefault;
        return allowed.Length == 0 || allowed.Contains(value) ? value : throw Wrong(name, $"is one of {string.Join(", ", allowed)}");
    }

    private DeliveryPolicy Policy(string name, string byDefault, string means) =>
        Core.Deliveries.DeliveryPolicy.Named(Text(name, byDefault, means, "durable", "faithful"))!;

    private string? TextOrNull(string name, string means) => Raw(name, "", means);

    private string[] List(string name, string byDefault, string means) =>
        (Raw(name, byDefault, means) ?? byDefault).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private bool Flag(string name, bool byDefault, string means) => Raw(name, byDefault ? "true" : "false", means)?.ToLowerInvariant() switch
    {
        null => byDefault,
        "true" => true,
        "false" => false,
        _ => throw Wrong(name, "is true or false"),
    };

    private long Number(string name, long byDefault, long min, long max, string means)
    {
        if (Raw(name, byDefault.ToString(), means) is not { } text)
            return byDefault;
        return long.TryParse(text, NumberStyles.None, null, out var value) && value >= min && value <= max
            ? value
            : throw Wrong(name, $"is a whole number from {min} to {max}");
    }

    private TimeSpan Duration(string name, string byDefault, string min, string max, string means) =>
        ParseDuration(name, Raw(name, byDefault, means) ?? byDefault, min, max);

    private TimeSpan? DurationOrNull(string name, string min, string max, string means) =>
        Raw(name, "", means) is { } text ? ParseDuration(name, text, min, max) : null;

    private static TimeSpan ParseDuration(string name, string text, string min, string max)
    {
        _ = TryParseDuration(min, out var least);
        _ = TryParseDuration(max, out var most);
        return TryParseDuration(text, out var duration) && duration >= least && duration <= most
            ? duration
            : throw Wrong(name, $"is a duration such as 500ms, 30s, 15m, 72h or 90d, from {min} to {max}");
    }

    /// <summary>An http address that the server can listen on; * and + stand for all.</summary>
    private static bool IsBinding(string text)
    {
        try
        {
            return BindingAddress.Parse(text).Scheme.Equals("http", StringComparison.OrdinalIgnoreCase);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static StartException Wrong(string name, string rule) =>
        new($"The setting {name} {rule}. Correct it in simkeeper.json or the environment.", wrongUse: true);
}
