using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core;
using Simkeeper.Core.Usage;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Usage;

namespace Simkeeper.Server.Operator;

/// <summary>Reports usage.</summary>
/// <remarks>
/// Data sessions as a network counts them, up to 10,000 reports, and up to `Usage:BytesMax` bytes, a batch. Counters are cumulative per
/// session. Reports may come late, twice, in any order and in any batches: the same is counted, hour by hour. Each entry stands for itself:
/// valid ones are taken and durable, refused ones are named by their index from 0. A wrong `imei`, `radio`, or `mcc` with `mnc` refuses no
/// entry: the entry is taken without it, and `dropped` names the field. The body may be packed with gzip (`Content-Encoding: gzip`).
/// </remarks>
internal static class TakeUsageReports
{
    private const int DepthMax = 4;

    private static readonly Problem TooMany =
        new(ProblemCode.BodyTooLarge, $"A batch has at most {TakeUsage.ReportsMax} reports. Send several.");

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/usage", RunAsync).TakesItsTime()
        .WithName("takeUsage")
        .WithMetadata(new StreamBody(false, "application/json", typeof(ReportedUsage), StreamShape.Array))
        .CanFail(ProblemCode.Malformed, ProblemCode.BodyTooLarge);

    private static async Task<Answer<UsageTakenAnswer>> RunAsync(HttpContext context, TakeUsage usage, UsageSettings limits)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limits.BytesMax;
        var batch = Read(await context.Request.BodyAsync(limits.BytesMax, takesGzip: true));
        if (batch.Problem is not null)
            return batch.Problem;
        var result = await usage.RunAsync(batch.Reports);
        batch.Refused.AddRange(result.Refused);
        batch.Refused.Sort((a, b) => a.Index.CompareTo(b.Index));
        batch.Dropped.AddRange(result.Dropped);
        var notTaken = batch.Refused.Select(entry => entry.Index).ToHashSet();
        batch.Dropped.RemoveAll(entry => notTaken.Contains(entry.Index));
        batch.Dropped.Sort((a, b) => (a.Index, a.Error.Field).CompareTo((b.Index, b.Error.Field)));
        return new UsageTakenAnswer
        {
            Taken = batch.Reports.Count - result.Refused.Count,
            Refused = [.. batch.Refused.Select(UsageFaultAnswer.Of)],
            Dropped = batch.Dropped.Count == 0 ? null : [.. batch.Dropped.Select(UsageFaultAnswer.Of)],
        };
    }

    /// <summary>
    /// Reads a batch. Each entry stands for itself: a feed that repeats a batch because of one bad entry would never get on. A wrong field
    /// that says nothing about the counters is left out and named.
    /// </summary>
    private static Batch Read(byte[] body)
    {
        try
        {
            using var document = Requests.Json(body, DepthMax);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
                return new Batch { Problem = Problem.Malformed("The body must be a JSON array of reports.") };
            if (document.RootElement.GetArrayLength() > TakeUsage.ReportsMax)
                return new Batch { Problem = TooMany };
            var batch = new Batch();
            foreach (var (index, entry) in document.RootElement.EnumerateArray().Index())
                batch.Add(index, entry);
            return batch;
        }
        catch (JsonException)
        {
            return new Batch { Problem = Problem.Malformed("The body is not valid JSON.") };
        }
    }

    private sealed class Batch
    {
        /// <summary>Why none of it can be taken; null: each entry stands for itself.</summary>
        public Problem? Problem { get; init; }

        public List<NamedReport> Reports { get; } = [];

        public List<(int Index, Error Error)> Refused { get; } = [];

        public List<(int Index, Error Error)> Dropped { get; } = [];

        public void Add(int index, JsonElement entry)
        {
            var read = entry.ValueKind == JsonValueKind.Object
                ? JsonFields.Read<ReportedUsage>(entry)
                : new Error(ErrorCode.InvalidValue, "A report is a JSON object.");
            if (read.Error is { } error)
            {
                Refused.Add((index, error));
                return;
            }
            Reports.Add(read.Value.Named(index));
            foreach (var dropped in read.Value.Dropped)
                Dropped.Add((index, dropped));
        }
    }
}

/// <summary>The number of reports taken, and the errors of the others.</summary>
/// <example>
/// {"taken": 499, "refused": [{"index": 7, "field": "imsi", "reason": "No SIM has this imsi."}],
///  "dropped": [{"index": 8, "field": "imei", "reason": "The check digit of this IMEI is wrong; at least one of its digits is."}]}
/// </example>
internal sealed record UsageTakenAnswer
{
    /// <summary>Reports taken, also those that said nothing new.</summary>
    [Range(0, TakeUsage.ReportsMax)]
    public required int Taken { get; init; }

    /// <summary>Reports that were not taken.</summary>
    public required IReadOnlyList<UsageFaultAnswer> Refused { get; init; }

    /// <summary>
    /// Wrong fields of reports that were taken without them; `field` is `imei`, `mcc`, `mnc` or `radio`. Absent when there are none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required IReadOnlyList<UsageFaultAnswer>? Dropped { get; init; }
}

/// <summary>The error of an entry of a batch.</summary>
internal sealed record UsageFaultAnswer
{
    /// <summary>The place of the entry in the batch, from 0.</summary>
    [Range(0, TakeUsage.ReportsMax)]
    public required int Index { get; init; }

    /// <summary>The property that was wrong.</summary>
    public required string? Field { get; init; }

    /// <summary>The error and the way to mend it.</summary>
    public required string Reason { get; init; }

    public static UsageFaultAnswer Of((int Index, Error Error) fault) =>
        new() { Index = fault.Index, Field = fault.Error.Field, Reason = fault.Error.Message };
}
