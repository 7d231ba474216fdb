using System.ComponentModel.DataAnnotations;
using Simkeeper.Core;
using Simkeeper.Core.Usage;

namespace Simkeeper.Server.Operator;

/// <summary>
/// The progress of a data session; the SIM is named by exactly one of sim, iccid and imsi. Of network, radio and IMEI the latest word
/// counts, of start the earliest, of end the latest.
/// </summary>
/// <example>
/// {"imsi": "262010000000007", "session": "6f1c-22", "start": "2026-01-05T06:00:00.000Z", "at": "2026-01-05T06:15:00.000Z",
///  "uploadedBytes": 7300, "downloadedBytes": 51200, "mcc": "208", "mnc": "01", "radio": "LTE", "imei": "490154203237518"}
/// </example>
internal sealed record ReportedUsage : IReadJson<ReportedUsage>
{
    /// <summary>The SIM's sid or id.</summary>
    [RegularExpression(Patterns.Sim)]
    public required string? Sim { get; init; }

    /// <summary>ITU-T E.118.</summary>
    [RegularExpression(Patterns.Iccid)]
    public required string? Iccid { get; init; }

    /// <summary>3GPP TS 23.003 chapter 2.2.</summary>
    [RegularExpression(Patterns.Imsi)]
    public required string? Imsi { get; init; }

    /// <summary>The network's own name for the session; printable ASCII. Counters that start anew need a new name.</summary>
    [StringLength(UsageReport.SessionMax, MinimumLength = 1)]
    public required string Session { get; init; }

    /// <summary>When the session began; not after at.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>When the counters were read; at most 24 hours ahead, and not further back than `Usage:Retention`.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>From the SIM, since the session began. A counter that goes back is old news.</summary>
    public required long UploadedBytes { get; init; }

    /// <summary>To the SIM, since the session began. A counter that goes back is old news.</summary>
    public required long DownloadedBytes { get; init; }

    /// <summary>When the session ended; absent while it is open.</summary>
    public required DateTimeOffset? End { get; init; }

    /// <summary>Country code of the serving network, ITU-T E.212; with mnc. A session without them is at home.</summary>
    [RegularExpression("^[0-9]{3}$")]
    public required string? Mcc { get; init; }

    /// <summary>Network code of the serving network.</summary>
    [RegularExpression("^[0-9]{2,3}$")]
    public required string? Mnc { get; init; }

    /// <summary>Radio technology: LTE.</summary>
    [StringLength(UsageReport.RadioMax, MinimumLength = 1)]
    public required string? Radio { get; init; }

    /// <summary>3GPP TS 23.003 chapter 6.2. One that is none is left out, and the report is taken.</summary>
    public required string? Imei { get; init; }

    /// <summary>The errors of values that are left out.</summary>
    public required IReadOnlyList<Error> Dropped { get; init; }

    public static ReportedUsage Read(JsonFields fields)
    {
        var (sim, iccid, imsi) = (fields.Text("sim"), fields.Text("iccid"), fields.Text("imsi"));
        if (Count(sim) + Count(iccid) + Count(imsi) != 1)
            fields.Refuse("sim", "Name the SIM by one of sim, iccid and imsi.");
        else if (Count(iccid) == 1)
            iccid = Accepted(fields, Core.Numbers.Iccid.Parse(iccid!), number => number.Value);
        else if (Count(imsi) == 1)
            imsi = Accepted(fields, Core.Numbers.Imsi.Parse(imsi!), _ => imsi);
        return new()
        {
            Sim = sim,
            Iccid = iccid,
            Imsi = imsi,
            Session = fields.Text("session", required: true)!,
            Start = fields.ZonedTime("start", required: true) ?? default,
            At = fields.ZonedTime("at", required: true) ?? default,
            UploadedBytes = fields.Number("uploadedBytes", 0, UsageReport.BytesMax, required: true) ?? 0,
            DownloadedBytes = fields.Number("downloadedBytes", 0, UsageReport.BytesMax, required: true) ?? 0,
            End = fields.ZonedTime("end"),
            Mcc = fields.TextOrDropped("mcc"),
            Mnc = fields.TextOrDropped("mnc"),
            Radio = fields.TextOrDropped("radio"),
            Imei = fields.TextOrDropped("imei"),
            Dropped = fields.Dropped,
        };
    }

    /// <summary>The report, about the SIM that it names.</summary>
    public NamedReport Named(int index) => new(
        index, Count(Sim) == 1 ? new("sim", Sim!) : Count(Iccid) == 1 ? new("iccid", Iccid!) : new("imsi", Imsi!),
        new UsageReport
        {
            Session = Session,
            Start = Start,
            At = At,
            Uploaded = UploadedBytes,
            Downloaded = DownloadedBytes,
            End = End,
            Mcc = Mcc,
            Mnc = Mnc,
            Radio = Radio,
            Imei = Imei,
        });

    private static int Count(string? name) => name is { Length: > 0 } ? 1 : 0;

    private static string? Accepted<T>(JsonFields fields, Result<T> number, Func<T, string?> text)
    {
        if (number.Error is not { } error)
            return text(number.Value);
        fields.Refuse(error);
        return null;
    }
}
