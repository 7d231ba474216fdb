using System.Globalization;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>Settings of the Gigs dialect and of its webhooks.</summary>
internal sealed class GigsSettings(Settings read, HttpSettings http)
{
    public bool ListRetired { get; } = read.Flag("Gigs:ListRetired", true,
        "Shows retired SIMs in a Gigs list without `status`; false is the behaviour of 2022.");

    /// <summary>The code of the error for an ICCID of a wrong form.</summary>
    public string InvalidIccidCode { get; } = read.OneOf("Gigs:InvalidIccidCode", "invalidIccid",
        "The code of the error for an ICCID of a wrong form: `invalidIccid` as in the newest pages, or `invalidICCID` as before.",
        "invalidIccid", "invalidICCID");

    /// <summary>The version of the Gigs API that events say they follow.</summary>
    public string EventVersion { get; } = read.Text("Gigs:EventVersion", "2026-01-29",
        "The `version` of events, a date: the newest one that was seen, or an older one such as `2024-12-20`.",
        text => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "is a date such as 2026-01-29");

    public TimeSpan IdempotencyLife { get; } = read.Duration("Gigs:IdempotencyLife", "24h", "1m", "90d",
        "The time for which an `Idempotency-Key` is remembered.");

    public long IdempotencyRowsMax { get; } = read.Number("Gigs:IdempotencyRows", 10_000, 1, 1_000_000,
        "The most `Idempotency-Key`s that are remembered for one account; of more, the oldest are forgotten.");

    public long IdempotencyBytesMax { get; } = read.Number("Gigs:IdempotencyBytes", 16 * 1024 * 1024, 64 * 1024, 1L << 30,
        "The most bytes of answers that are remembered for one account's `Idempotency-Key`s; of more, the oldest are forgotten.");

    public long QrPerMinute { get; } = read.Number("Gigs:QrPerMinute", 600, 1, 1_000_000,
        "QR codes that one address may ask for a minute, of IPv6 the network of 64 bits; beyond it the answer is 429.");

    public TimeSpan SecretOverlap { get; } = read.Duration("Webhooks:SecretOverlap", "24h", "0s", "90d",
        "The time for which an old secret signs beside the new one after a rotation. Wall clock.");

    public TimeSpan DisableAfter { get; } = read.Duration("Webhooks:DisableAfter", "5d", "1m", "3650d",
        "The time for which all attempts at a webhook endpoint may fail before it is disabled. SIM clock.");

    public HttpSettings Http => http;
}
