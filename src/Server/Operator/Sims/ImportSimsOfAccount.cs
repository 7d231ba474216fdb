using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Sims.Import;

namespace Simkeeper.Server.Operator;

/// <summary>Imports SIMs.</summary>
/// <remarks>
/// Reads rows as they arrive and answers as it goes, one JSON object per line: an ImportRefusal per refused row, an ImportProgress each
/// second, at the end one ImportSummary. If some columns are not read, or are read under another name, the first line is an ImportProgress
/// of 0 with a header, which says how the columns are understood. Safe to repeat, since a SIM that is already there is counted as present.
/// A row completes a SIM whose numbers were empty; one that differs is refused, or with `update` corrects the SIM. The file may be packed
/// with gzip.
/// </remarks>
internal static class ImportSimsOfAccount
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/accounts/{sid}/sims/import", RunAsync).TakesItsTime()
        .WithName("importSims")
        .Takes(Work.Import)
        .WithMetadata(
            new StreamBody(false, "text/csv", null, StreamShape.Text), new StreamBody(false, "text/plain", null, StreamShape.Text),
            new StreamBody(true, "application/x-ndjson", typeof(ImportLine), StreamShape.Lines))
        .CanFail(ProblemCode.NotFound, ProblemCode.StateForbids, ProblemCode.MissingValue, ProblemCode.UnsupportedMediaType);

    private static async Task<Answer> RunAsync(string sid, Query<ImportAsked> query, HttpContext context, Accounts.Accounts accounts,
        ImportSims import, SimClock clock, SimSettings settings, OperatorDoor door)
    {
        var account = await FindAccount.OpenOfPathAsync(accounts, sid);
        if (account.Error is { } error)
            return error;
        var type = context.Request.ContentType?.Split(';')[0].Trim().ToLowerInvariant();
        var format = query.Value.Format ?? type switch { "text/csv" => "csv", "text/plain" => "out", _ => null };
        if (format is null || type is not (null or "" or "text/csv" or "text/plain" or "application/octet-stream" or "application/gzip"))
        {
            return new Problem(
                ProblemCode.UnsupportedMediaType, "Send the file as text/csv, or as text/plain for the .out format.");
        }
        LiftLimits(context, settings);
        var reading = new CardReading
        {
            Map = query.Value.Map ?? ImportMap.Empty,
            Delimiter = query.Value.Delimiter switch { null => null, "tab" => '\t', { } character => character[0] },
            BytesMax = settings.ImportBytesMax,
        };
        var content = context.Request.Content(takesGzip: true);
        var file = format == "csv"
            ? await CsvCards.OpenAsync(content, reading, context.RequestAborted)
            : await OutCards.OpenAsync(content, reading, context.RequestAborted);
        if (file.Error is { } wrong)
            return wrong;
        await using var answer = new ImportAnswer(context.Response, clock.Wall);
        var options = new ImportOptions(query.Value.Provider, query.Value.Update, query.Value.DryRun);
        if (file.Value.NeedsWord || options.DryRun)
            await answer.BeginAsync(file.Value);
        try
        {
            await import.RunAsync(account.Value, file.Value, options, context.Actor(), answer.Counts, answer.RefuseAsync,
                answer.ProgressAsync, context.RequestAborted);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested)
        {
            // The answer has begun with 200: only its last line can tell.
            await answer.CompleteAsync(options.DryRun, door.ProblemOf(context, e));
            return Answer.Sent;
        }
        await answer.CompleteAsync(options.DryRun);
        return Answer.Sent;
    }

    /// <summary>Lets a body be large, and be sent slowly: a client that reads nothing until it has sent everything is not dead.</summary>
    private static void LiftLimits(HttpContext context, SimSettings settings)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = settings.ImportBytesMax;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } body)
            body.MinDataRate = HttpLimits.Slowest;
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } answer)
            answer.MinDataRate = null;
    }
}

/// <summary>The way to read a file of cards.</summary>
internal sealed record ImportAsked : IReadQuery<ImportAsked>
{
    /// <summary>
    /// `csv` with a header row, or `out`, the output file of a card vendor; without it `text/csv` means `csv` and `text/plain` means `out`.
    /// </summary>
    public required string? Format { get; init; }

    /// <summary>Provider of rows that name none; required outside the sandbox when the file has no such column.</summary>
    [RegularExpression(Patterns.Carrier)]
    public required string? Provider { get; init; }

    /// <summary>The character between the fields of a CSV; without it the line that names the columns tells.</summary>
    public required string? Delimiter { get; init; }

    /// <summary>
    /// Columns that only you know: `Their name=iccid`, once for each. After the `=` stands the name of a column, or `metadata.NAME`.
    /// </summary>
    public required ImportMap? Map { get; init; }

    /// <summary>
    /// Corrects SIMs that differ from the file, whose rows are refused otherwise, and sets names, user, address and metadata.
    /// </summary>
    public required bool Update { get; init; }

    /// <summary>Changes nothing and tells what would happen, and first how the columns are understood.</summary>
    public required bool DryRun { get; init; }

    public static ImportAsked Read(QueryFields fields)
    {
        var map = ImportMap.Parse(fields.Texts("map", ImportHeader.MaxColumns));
        if (map.Error is { } wrong)
            fields.Refuse(wrong);
        var asked = new ImportAsked
        {
            Provider = fields.Text("provider"),
            Format = fields.OneOf("format", ["csv", "out"]),
            Delimiter = fields.OneOf("delimiter", [",", ";", "tab", "|"]),
            Map = map.Error is null ? map.Value : null,
            Update = fields.Flag("update"),
            DryRun = fields.Flag("dryRun"),
        };
        if (asked.Provider is { } provider && !SimCard.IsProvider(provider))
            fields.Refuse("provider", "provider has 1 to 32 characters: small letters, digits and hyphens.");
        return asked;
    }
}
