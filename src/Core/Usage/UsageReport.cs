namespace Simkeeper.Core.Usage;

/// <summary>A network's report about a data session: its counters so far, and the details that it knows.</summary>
public sealed record UsageReport
{
    /// <summary>The longest name of a session, in characters.</summary>
    public const int SessionMax = 64;

    /// <summary>The longest name of a radio technology, in characters.</summary>
    public const int RadioMax = 16;

    /// <summary>The highest counter, 256 TiB in bytes. A sum that 64 bits do not hold is shown as the most they hold.</summary>
    public const long BytesMax = 1L << 48;

    /// <summary>
    /// The most bytes that a session can carry one way in a second, 34 GB: more than ten times what a network is built for (ITU-R M.2410
    /// §4.1: 20 Gbit/s). A counter that has grown faster is no counter.
    /// </summary>
    public const long RateMax = 1L << 35;

    /// <summary>The time by which the start of a session may be reported late.</summary>
    public static readonly TimeSpan StartLateMax = TimeSpan.FromMinutes(1);

    /// <summary>The most that the network's clock may be ahead.</summary>
    public static readonly TimeSpan AheadMax = TimeSpan.FromHours(24);

    /// <summary>The network's own name for the session. Another name is another session, whose counters start at 0.</summary>
    public required string Session { get; init; }

    public required DateTimeOffset Start { get; init; }

    /// <summary>The time at which the counters were read.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Bytes from the SIM since the session began.</summary>
    public required long Uploaded { get; init; }

    /// <summary>Bytes to the SIM since the session began.</summary>
    public required long Downloaded { get; init; }

    /// <summary>Null while the session is open.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>The serving network's country code (ITU-T E.212), or null. <see cref="Mnc"/> comes with it.</summary>
    public string? Mcc { get; init; }

    public string? Mnc { get; init; }

    /// <summary>The radio technology, in the network's word: <c>LTE</c>.</summary>
    public string? Radio { get; init; }

    /// <summary>The device's IMEI or IMEISV, or null.</summary>
    public string? Imei { get; init; }

    /// <summary>
    /// The report without details that are wrong and have no effect on the counters: IMEI, radio, and MCC with MNC. A wrong detail must not
    /// lose a counter: a phone sends a 0 where an IMEI has its check digit (3GPP TS 23.003 §6.2), and networks pass that on.
    /// </summary>
    /// <returns>The report, and an error for each field that it lost.</returns>
    public (UsageReport Report, IReadOnlyList<Error> Dropped) WithoutWrong()
    {
        var mcc = Mcc is null or { Length: 3 } && IsDigits(Mcc) ? null : Invalid("mcc", "mcc has 3 digits.");
        var mnc = Mnc is null or { Length: 2 or 3 } && IsDigits(Mnc) ? null : Invalid("mnc", "mnc has 2 or 3 digits.");
        var radio = Radio is null || IsName(Radio, RadioMax)
            ? null
            : Invalid("radio", $"radio has 1 to {RadioMax} printable ASCII characters.");
        var imei = Imei is null ? null : Numbers.Imei.Parse(Imei).Error;
        if (mcc is not null || mnc is not null || Mcc is null != Mnc is null)
        {
            mcc = Mcc is null ? null : mcc ?? Invalid("mcc", "mcc and mnc come together.");
            mnc = Mnc is null ? null : mnc ?? Invalid("mnc", "mcc and mnc come together.");
        }
        if (mcc is null && mnc is null && radio is null && imei is null)
            return (this, []);
        var report = this with
        {
            Mcc = mcc is null ? Mcc : null,
            Mnc = mnc is null ? Mnc : null,
            Radio = radio is null ? Radio : null,
            Imei = imei is null ? Imei : null,
        };
        return (report, [.. new[] { mcc, mnc, radio, imei }.OfType<Error>()]);
    }

    /// <summary>The first fault in the report, apart from the details that <see cref="WithoutWrong"/> drops; null: none.</summary>
    /// <param name="now">SIM-clock time.</param>
    /// <param name="kept">The time that usage is kept; older reports are refused.</param>
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
        if (IsTooFast(Uploaded))
            return TooFast("uploadedBytes");
        if (IsTooFast(Downloaded))
            return TooFast("downloadedBytes");
        if (End < Start || End > now + AheadMax)
            return Invalid("end", "end is not before start, and at most 24 hours in the future.");
        return null;
    }

    private bool IsTooFast(long bytes) => bytes > (At - Start + StartLateMax).TotalSeconds * RateMax;

    private static Error TooFast(string field) =>
        Invalid(field, $"{field} is more than {RateMax} bytes for each second from start to at: no session is that fast.");

    private static bool IsDigits(string? text) => text?.All(char.IsAsciiDigit) != false;

    private static bool IsName(string text, int max) => text.Length >= 1 && text.Length <= max && text.All(c => c is >= ' ' and <= '~');

    private static Error Invalid(string field, string message) => new(ErrorCode.InvalidValue, message, field);
}
