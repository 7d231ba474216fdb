namespace Simkeeper.Core.Usage;

/// <summary>What a network says about a data session: its counters so far, and what else it knows.</summary>
public sealed record UsageReport
{
    /// <summary>Characters of a session's name.</summary>
    public const int SessionMax = 64;

    /// <summary>Characters of a radio technology's name.</summary>
    public const int RadioMax = 16;

    /// <summary>Bytes of one counter, 256 TiB: tens of thousands of such sessions still sum up in 64 bits.</summary>
    public const long BytesMax = 1L << 48;

    /// <summary>How far the network's clock may be ahead.</summary>
    public static readonly TimeSpan AheadMax = TimeSpan.FromHours(24);

    /// <summary>The network's own name for the session; another name is another session, whose counters start at 0.</summary>
    public required string Session { get; init; }

    public required DateTimeOffset Start { get; init; }

    /// <summary>When the counters were read.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Bytes from the SIM since the session began.</summary>
    public required long Uploaded { get; init; }

    /// <summary>Bytes to the SIM since the session began.</summary>
    public required long Downloaded { get; init; }

    /// <summary>Null while the session is open.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>The serving network's country code (ITU-T E.212), or null; with it comes <see cref="Mnc"/>.</summary>
    public string? Mcc { get; init; }

    public string? Mnc { get; init; }

    /// <summary>The radio technology, in the network's word: <c>LTE</c>.</summary>
    public string? Radio { get; init; }

    /// <summary>
    /// The device's number. One that is none is taken as null: phones send a 0 in place of the check digit (3GPP TS 23.003 §6.2.1), and
    /// their usage counts all the same.
    /// </summary>
    public string? Imei
    {
        get;
        init => field = value is not null && Numbers.Imei.Parse(value).Error is null ? value : null;
    }

    /// <summary>What is wrong with it, or null.</summary>
    /// <param name="now">SIM-clock time.</param>
    /// <param name="kept">How long usage is kept: what is older is refused.</param>
    public Error? Check(DateTimeOffset now, TimeSpan kept)
    {
        if (!IsName(Session, SessionMax))
            return Invalid("session", $"session has 1 to {SessionMax} printable ASCII characters.");
        if (Uploaded is < 0 or > BytesMax)
            return Invalid("uploadedBytes", $"uploadedBytes is a whole number from 0 to {BytesMax}.");
        if (Downloaded is < 0 or > BytesMax)
            return Invalid("downloadedBytes", $"downloadedBytes is a whole number from 0 to {BytesMax}.");
        if (At > now + AheadMax)
            return Invalid("at", "at lies more than 24 hours in the future.");
        if (At < now - kept)
            return Invalid("at", "at lies further back than usage is kept.");
        if (Start > At)
            return Invalid("start", "start is not after at.");
        if (End < Start || End > now + AheadMax)
            return Invalid("end", "end is not before start, and at most 24 hours in the future.");
        if (Mcc is null != Mnc is null)
            return Invalid(Mcc is null ? "mcc" : "mnc", "mcc and mnc come together.");
        if (Mcc is not null && !(Mcc.Length == 3 && Mcc.All(char.IsAsciiDigit)))
            return Invalid("mcc", "mcc has 3 digits.");
        if (Mnc is not null && !(Mnc.Length is 2 or 3 && Mnc.All(char.IsAsciiDigit)))
            return Invalid("mnc", "mnc has 2 or 3 digits.");
        return Radio is null || IsName(Radio, RadioMax) ? null : Invalid("radio", $"radio has 1 to {RadioMax} printable ASCII characters.");
    }

    private static bool IsName(string text, int max) => text.Length >= 1 && text.Length <= max && text.All(c => c is >= ' ' and <= '~');

    private static Error Invalid(string field, string message) => new(ErrorCode.InvalidValue, message, field);
}
