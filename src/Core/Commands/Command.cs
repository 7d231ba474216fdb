using Simkeeper.Core.Sims;

namespace Simkeeper.Core.Commands;

/// <summary>The direction of a Command (Command page, <c>direction</c>).</summary>
public enum CommandDirection
{
    /// <summary>To the device.</summary>
    ToSim,

    /// <summary>From the device.</summary>
    FromSim,
}

/// <summary>The content of a Command: text or bytes (Command page, <c>command_mode</c>).</summary>
public enum CommandMode
{
    Text,
    Binary,
}

/// <summary>The progress of a Command (Command page, "Status Values").</summary>
public enum CommandStatus
{
    /// <summary>Waits for the carrier to take it.</summary>
    Queued,

    /// <summary>The carrier has taken it.</summary>
    Sent,

    /// <summary>The device has it: its receipt came.</summary>
    Delivered,

    /// <summary>It came from the device.</summary>
    Received,

    /// <summary>It will not reach the device.</summary>
    Failed,
}

/// <summary>The place in a text where the Command's sid is put (Command page, <c>IncludeSid</c>).</summary>
public enum IncludeSid
{
    None,
    Start,
    End,
}

/// <summary>A short message to or from a device. Its text is the customer's: it is never in a log or an event.</summary>
public sealed record Command
{
    /// <summary>The longest text of one SMS, in characters of one byte.</summary>
    public const int TextMax = 160;

    /// <summary>The longest text that leaves room for the sid (Command page).</summary>
    public const int TextBesideSidMax = 128;

    /// <summary>The longest binary message of one SMS, in bytes.</summary>
    public const int BytesMax = 140;

    public Guid OrgId { get; init; }

    /// <summary>UUIDv7, <c>DC…</c>; the carrier gets it as idempotency key.</summary>
    public Guid Id { get; init; }

    /// <summary>The account that had the SIM when the Command was made.</summary>
    public Guid AccountId { get; init; }

    public Guid SimId { get; init; }
    public CommandDirection Direction { get; init; }
    public CommandMode Mode { get; init; }

    /// <summary>The text, or the bytes as Base64.</summary>
    public required string Body { get; init; }

    public IncludeSid IncludeSid { get; init; }

    /// <summary>The device is asked to confirm that it has the Command.</summary>
    public bool Receipt { get; init; }

    public CommandStatus Status { get; init; }
    public int Attempts { get; init; }

    /// <summary>The callback to make at the end.</summary>
    public Callback? Callback { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }
    public long Version { get; init; } = 1;

    public DateTimeOffset CreatedAt => Ids.CreatedAt(Id);

    /// <summary>
    /// The time from which its waits count: its creation, or the last change of it if the clock was set back behind its creation.
    /// </summary>
    public DateTimeOffset CountsFrom => UpdatedAt < CreatedAt ? UpdatedAt : CreatedAt;

    public string Sid => Ids.ToSid("DC", Id);

    /// <summary>True once nothing more can happen to it.</summary>
    public bool HasEnded => Status switch
    {
        CommandStatus.Queued => false,
        CommandStatus.Sent => !Receipt,
        CommandStatus.Delivered or CommandStatus.Received or CommandStatus.Failed => true,
    };

    /// <summary>The message that the device gets: the body, and with a text the sid where it was wanted.</summary>
    public string Message => (Mode, IncludeSid) switch
    {
        (CommandMode.Text, IncludeSid.Start) => $"{Sid} {Body}",
        (CommandMode.Text, IncludeSid.End) => $"{Body} {Sid}",
        _ => Body,
    };

    /// <summary>Says what is wrong with this body; null: nothing.</summary>
    /// <param name="textMax">The longest text allowed.</param>
    public static Error? Check(CommandMode mode, string body, int textMax = TextMax)
    {
        if (mode == CommandMode.Binary)
        {
            var bytes = new byte[body.Length];
            return Convert.TryFromBase64String(body, bytes, out var length) && length is > 0 and <= BytesMax
                ? null
                : new Error(ErrorCode.InvalidValue, $"Command is Base64 of 1 to {BytesMax} bytes in binary mode.", "Command");
        }
        return body.Length > 0 && body.Length <= textMax && body.All(c => c is > '\0' and <= '\u00FF')
            ? null
            : new Error(ErrorCode.InvalidValue, $"Command is a text of 1 to {textMax} single-byte characters (ISO 8859-1).", "Command");
    }
}

/// <summary>The wire names of a Command's properties.</summary>
public static class CommandNames
{
    public static readonly Words<CommandDirection> Directions = new(ToWire);
    public static readonly Words<CommandMode> Modes = new(ToWire);
    public static readonly Words<CommandStatus> Statuses = new(ToWire);
    public static readonly Words<IncludeSid> IncludeSids = new(ToWire);

    public static string ToWire(this CommandDirection direction) => direction switch
    {
        CommandDirection.ToSim => "to_sim",
        CommandDirection.FromSim => "from_sim",
    };

    public static string ToWire(this CommandMode mode) => mode switch
    {
        CommandMode.Text => "text",
        CommandMode.Binary => "binary",
    };

    public static string ToWire(this CommandStatus status) => status switch
    {
        CommandStatus.Queued => "queued",
        CommandStatus.Sent => "sent",
        CommandStatus.Delivered => "delivered",
        CommandStatus.Received => "received",
        CommandStatus.Failed => "failed",
    };

    public static string ToWire(this IncludeSid include) => include switch
    {
        IncludeSid.None => "none",
        IncludeSid.Start => "start",
        IncludeSid.End => "end",
    };
}
