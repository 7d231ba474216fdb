namespace Simkeeper.Core.Sims;

/// <summary>A URL to be called and the HTTP method to call it with (<c>GET</c> or <c>POST</c>).</summary>
/// <param name="Dialect">The name of the dialect that the callback was given in, and is called in.</param>
public sealed record Callback(string Url, string Method, string Dialect)
{
    /// <summary>The stored callback, or null where no URL is stored.</summary>
    /// <exception cref="FormatException">There is a URL without a method, or without a dialect.</exception>
    public static Callback? OrNull(string? url, string? method, string? dialect) => (url, method, dialect) switch
    {
        (null, _, _) => null,
        (_, not null, not null) => new(url, method, dialect),
        _ => throw new FormatException("The callback has no method, or no dialect."),
    };
}

/// <summary>
/// The ten callback settings of a SIM (Sim page), by their JSON names. Eight of them are deprecated: they are stored and returned. Only
/// values that differ from the default (URLs null, methods POST) are held.
/// </summary>
public static class SimHooks
{
    public static readonly IReadOnlyList<string> Names =
    [
        "commands_callback_method", "commands_callback_url", "sms_fallback_method", "sms_fallback_url", "sms_method", "sms_url",
        "voice_fallback_method", "voice_fallback_url", "voice_method", "voice_url",
    ];

    public static readonly IReadOnlyDictionary<string, string> None = new SortedDictionary<string, string>();

    public static bool IsMethod(string name) => name.EndsWith("_method", StringComparison.Ordinal);

    /// <summary>The settings as events report them: URLs without credentials and queries, which may be secret.</summary>
    public static IReadOnlyDictionary<string, string> Reported(IReadOnlyDictionary<string, string> hooks) =>
        new SortedDictionary<string, string>(
            hooks.ToDictionary(hook => hook.Key, hook => IsMethod(hook.Key) ? hook.Value : WithoutSecrets(hook.Value)),
            StringComparer.Ordinal);

    /// <summary>The value to show: the stored one, else POST for a method and null for a URL.</summary>
    public static string? Value(IReadOnlyDictionary<string, string> hooks, string name) =>
        hooks.TryGetValue(name, out var value) ? value : IsMethod(name) ? "POST" : null;

    private static string WithoutSecrets(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed)
            ? parsed.GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.Port | UriComponents.Path,
                UriFormat.UriEscaped)
            : "";
}

/// <summary>The state of an eSIM profile on its device (SGP.22 3.1).</summary>
public enum ProfileStatus
{
    Unknown,
    Installed,
    Enabled,
    Disabled,
    Deleted,
}

/// <summary>The words of <see cref="ProfileStatus"/>.</summary>
public static class ProfileStatusNames
{
    public static readonly Words<ProfileStatus> Words = new(ToWire);

    public static string ToWire(this ProfileStatus status) => status switch
    {
        ProfileStatus.Unknown => "unknown",
        ProfileStatus.Installed => "installed",
        ProfileStatus.Enabled => "enabled",
        ProfileStatus.Disabled => "disabled",
        ProfileStatus.Deleted => "deleted",
    };
}

/// <summary>
/// One SIM of the inventory, as stored. Immutable: a change is a new value, and the difference between two values is an event.
/// </summary>
public sealed record Sim
{
    /// <summary>The customer; a SIM never changes it.</summary>
    public required Guid OrgId { get; init; }

    /// <summary>UUIDv7; its millisecond is the time of creation.</summary>
    public required Guid Id { get; init; }

    /// <summary>The owning account; a move changes it.</summary>
    public required Guid AccountId { get; init; }

    public required string Iccid { get; init; }
    public string? Imsi { get; init; }
    public string? Msisdn { get; init; }
    public string? Eid { get; init; }
    public required SimType Type { get; init; }

    /// <summary>The carrier's id.</summary>
    public required string Provider { get; init; }

    public string? UniqueName { get; init; }
    public string? FriendlyName { get; init; }

    public SimStatus Status { get; init; }

    /// <summary>The time since which the settled status holds; the automatic moves count from it.</summary>
    public required DateTimeOffset StatusSince { get; init; }

    public Progress Progress { get; init; }

    /// <summary>A connectivity reset is under way.</summary>
    public bool Resetting { get; init; }

    public Guid? RatePlanId { get; init; }
    public bool Narrowband { get; init; }
    public string? RegistrationCode { get; init; }
    public string? User { get; init; }
    public string? IpAddress { get; init; }
    public Metadata Metadata { get; init; } = Metadata.Empty;
    public IReadOnlyDictionary<string, string> Hooks { get; init; } = SimHooks.None;

    public string? SmdpAddress { get; init; }

    /// <summary>
    /// The matching id of the activation code, encrypted. Secret: whoever has it can install the profile until that has been done.
    /// </summary>
    public byte[]? SealedMatchingId { get; init; }

    public bool ConfirmationCodeRequired { get; init; }
    public ProfileStatus ProfileStatus { get; init; }
    public DateTimeOffset? ProfileUpdatedAt { get; init; }

    /// <summary>Part of the public QR address. Counting up revokes every address given out before.</summary>
    public int QrCounter { get; init; }

    /// <summary>
    /// The callback of the request that led to <c>ready</c> or <c>deactivated</c>, to be called again at the final status.
    /// </summary>
    public Callback? Remembered { get; init; }

    /// <summary>Commands in either direction so far; the fifth makes a ready SIM active.</summary>
    public long Commands { get; init; }

    /// <summary>Bytes of data so far, up and down; 250,000 make a ready SIM active.</summary>
    public long DataBytes { get; init; }

    /// <summary>True once the notice for three months of suspension has been given.</summary>
    public bool SuspensionNoticed { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Counts every write; a write names the version it expects.</summary>
    public long Version { get; init; } = 1;

    public DateTimeOffset CreatedAt => Ids.CreatedAt(Id);

    public string Shown => SimStatusNames.Shown(Status, Progress);

    /// <summary>This SIM with its id, and with the times of its creation.</summary>
    /// <param name="now">SIM-clock time; the id may be of a later millisecond.</param>
    public Sim Created(Guid id, DateTimeOffset now)
    {
        var createdAt = Ids.CreatedAt(id);
        return this with { Id = id, StatusSince = createdAt, UpdatedAt = createdAt > now ? createdAt : now };
    }

    /// <summary>The id as a SID, <c>DE…</c>.</summary>
    public string Sid => Ids.ToSid("DE", Id);

    /// <summary>The id in base62, <c>sim_…</c>.</summary>
    public string PublicId => Ids.ToBase62("sim", Id);
}
