using System.ComponentModel.DataAnnotations;
using System.Text.Json;
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
/// valid ones are taken and durable, refused ones are named by their index from 0.
/// </remarks>
internal static class TakeUsageReports
{
    private const int DepthMax = 4;

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/usage", RunAsync)
        .WithName("takeUsage")
        .WithMetadata(new StreamBody(false, "application/json", typeof(ReportedUsage), StreamShape.Array))
        .CanFail(ProblemCode.Malformed, ProblemCode.BodyTooLarge);

    private static async Task<Answer<UsageTakenAnswer>> RunAsync(HttpContext context, TakeUsage usage, UsageSettings limits)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limits.BytesMax;
        var (reports, refused, problem) = Read(await context.Request.BodyAsync(limits.BytesMax));
        if (problem is not null)
            return problem;
        var notTaken = await usage.RunAsync(reports);
        var taken = reports.Count - notTaken.Count;
        refused.AddRange(notTaken);
        refused.Sort((a, b) => a.Index.CompareTo(b.Index));
        return new UsageTakenAnswer { Taken = taken, Refused = [.. refused.Select(RefusedReportAnswer.Of)] };
    }

    /// <summary>
    /// Reads a batch. Each entry stands for itself: a feed that repeats a batch because of one bad entry would never get on.
    /// </summary>
    private static (List<NamedReport> Reports, List<(int Index, Error Error)> Refused, Problem? Problem) Read(byte[] body)
    {
        try
        {
            using var document = Requests.Json(body, DepthMax);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
                return ([], [], Problem.Malformed("The body must be a JSON array of reports."));
            var count = document.RootElement.GetArrayLength();
            if (count > TakeUsage.ReportsMax)
            {
                return ([], [], new Problem(
                    ProblemCode.BodyTooLarge, $"A batch has at most {TakeUsage.ReportsMax} reports. Send several."));
            }
            var reports = new List<NamedReport>(count);
            var refused = new List<(int, Error)>();
            foreach (var (index, entry) in document.RootElement.EnumerateArray().Index())
            {
                var read = entry.ValueKind == JsonValueKind.Object
                    ? JsonFields.Read<ReportedUsage>(entry)
                    : new Error(ErrorCode.InvalidValue, "A report is a JSON object.");
                if (read.Error is { } error)
                    refused.Add((index, error));
                else
                    reports.Add(read.Value.Named(index));
            }
            return (reports, refused, null);
        }
        catch (JsonException)
        {
            return ([], [], Problem.Malformed("The body is not valid JSON."));
        }
    }
}

/// <summary>What was taken, and what was not and why.</summary>
/// <example>{"taken": 499, "refused": [{"index": 7, "field": "imsi", "reason": "No SIM has this imsi."}]}</example>
internal sealed record UsageTakenAnswer
{
    /// <summary>Reports taken, also those that said nothing new.</summary>
    [Range(0, TakeUsage.ReportsMax)]
    public required int Taken { get; init; }

    public required IReadOnlyList<RefusedReportAnswer> Refused { get; init; }
}

/// <summary>A report that was not taken.</summary>
internal sealed record RefusedReportAnswer
{
    /// <summary>Its place in the batch, from 0.</summary>
    [Range(0, TakeUsage.ReportsMax)]
    public required int Index { get; init; }

    /// <summary>The property that was wrong.</summary>
    public required string? Field { get; init; }

    /// <summary>What was wrong and how to mend it.</summary>
    public required string Reason { get; init; }

    public static RefusedReportAnswer Of((int Index, Error Error) refused) =>
        new() { Index = refused.Index, Field = refused.Error.Field, Reason = refused.Error.Message };
}
