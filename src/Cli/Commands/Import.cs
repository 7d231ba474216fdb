using System.CommandLine;
using System.Text.Json;

namespace Simkeeper.Cli.Commands;

/// <summary>Streams a file of SIMs to the server and reads the outcome of each row. Safe to repeat: nothing is imported twice.</summary>
[Speaks("POST", "/accounts/{sid}/sims/import")]
internal sealed class Import : Command
{
    private const int RefusalsShownMax = 20;
    private const string SafeToRepeat = "It is safe to run it again: what is already there is counted as present.";

    private readonly Argument<string> _file =
        new("FILE") { Description = "A CSV with a header, or the output file of a card vendor; - is stdin." };

    private readonly Option<string> _account = SharedOptions.Account("The account that is to own the SIMs.");
    private readonly Option<string> _provider = SharedOptions.Provider("Provider of rows that name none; a sandbox has a default.");

    private readonly Option<string> _rejects =
        new("--rejects") { Description = "The file for refused rows, one JSON object per line.", HelpName = "FILE" };

    private readonly Option<string> _format =
        new Option<string>("--format") { Description = "Without it by the extension: .csv or .out.", HelpName = "csv|out" }
            .Check(text => text is "csv" or "out", "must be csv or out.");

    public Import() : base("import", "Import SIMs from a file.")
    {
        _account.Required = true;
        Add(_file);
        Add(_account);
        Add(_provider);
        Add(_rejects);
        Add(_format);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        var path = parsed.GetRequiredValue(_file);
        var format = parsed.GetValue(_format) ?? GuessFormat(path);
        await using var file = path == "-" ? Console.OpenStandardInput() : Open(path, FileMode.Open, FileAccess.Read);
        await using var rejects =
            parsed.GetValue(_rejects) is { } rejectsPath ? Open(rejectsPath, FileMode.OpenOrCreate, FileAccess.Write) : null;

        var head = new byte[CsvHeader.BytesMax];
        var headLength = await ReadHeadAsync(file, head, cancellation);
        if (format == "csv")
        {
            foreach (var remark in CsvHeader.Remarks(head.AsSpan(0, headLength)))
                Output.Message(remark);
        }
        var progress = new Progress(file.CanSeek ? file.Length : null);
        using var body = new FileBody(head.AsMemory(0, headLength), file, format == "csv" ? "text/csv" : "text/plain", progress);
        var provider = parsed.GetValue(_provider) is { } id ? $"&provider={id}" : "";
        try
        {
            var call = $"accounts/{parsed.GetRequiredValue(_account)}/sims/import?format={format}{provider}";
            using var response = await api.PostAsync(call, body, cancellation);
            return await ReadAnswerAsync(response, rejects, progress, output, cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new CommandException($"Canceled. {SafeToRepeat}");
        }
        catch (Exception broken) when (body.Started && IsBreak(broken))
        {
            var why = broken.GetBaseException().Message.TrimEnd('.');
            throw new CommandException($"The import broke off: {why}. {SafeToRepeat}", ExitCode.Failed, broken);
        }
        finally
        {
            progress.Clear();
        }
    }

    private static async Task<int> ReadAnswerAsync(
        HttpResponseMessage response, Stream? rejects, Progress progress, Output output, CancellationToken cancellation)
    {
        // Not earlier: the refusals of an earlier run are kept until there is an answer to replace them.
        if (rejects is { CanSeek: true, Length: > 0 })
            rejects.SetLength(0);
        var refusals = 0L;
        await foreach (var line in Ndjson.ReadAsync(await response.Content.ReadAsStreamAsync(cancellation), cancellation))
        {
            using var item = JsonDocument.Parse(line);
            if (item.RootElement.TryGetProperty("imported", out _))
            {
                progress.Clear();
                TellOfMore(refusals, rejects is not null);
                output.Document(item.RootElement);
                return item.RootElement.GetProperty("refused").GetInt64() > 0 ? ExitCode.RowsRefused : ExitCode.Done;
            }
            if (item.RootElement.TryGetProperty("progress", out var rows))
            {
                progress.Rows(rows.GetInt64());
                continue;
            }
            if (rejects is not null)
            {
                await rejects.WriteAsync(line, cancellation);
                rejects.WriteByte((byte)'\n');
            }
            if (++refusals <= RefusalsShownMax)
            {
                progress.Clear();
                Output.Message(Sentence(item.RootElement));
            }
        }
        throw new InvalidDataException("The answer has no summary.");
    }

    private static string Sentence(JsonElement refusal)
    {
        var iccid = refusal.GetProperty("iccid").GetString() is { } number ? $", ICCID {number}" : "";
        var field = refusal.GetProperty("field").GetString() is { } name ? $", {name}" : "";
        return $"Line {refusal.GetProperty("line").GetInt64()}{iccid}{field}: {refusal.GetProperty("reason").GetString()}";
    }

    private static void TellOfMore(long refusals, bool kept)
    {
        if (refusals > RefusalsShownMax)
            Output.Message($"{refusals - RefusalsShownMax} more refused{(kept ? "." : "; --rejects FILE keeps them all.")}");
    }

    private static bool IsBreak(Exception e) =>
        e is IOException or HttpRequestException or JsonException or InvalidDataException or KeyNotFoundException
            or InvalidOperationException or CommandException { InnerException: HttpRequestException };

    private static string GuessFormat(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".CSV" => "csv",
        ".OUT" => "out",
        _ => throw new CommandException("Give --format csv or --format out: the name of the file does not tell.", ExitCode.WrongUse),
    };

    private static FileStream Open(string path, FileMode mode, FileAccess access)
    {
        try
        {
            // Exclusive for writing: the rejects must not overwrite the file that is imported.
            return new FileStream(path, mode, access, access == FileAccess.Read ? FileShare.Read : FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException($"Cannot open {path}: {e.Message}", ExitCode.WrongUse, e);
        }
    }

    private static async Task<int> ReadHeadAsync(Stream file, byte[] head, CancellationToken cancellation)
    {
        var length = 0;
        while (length < head.Length && !head.AsSpan(0, length).Contains((byte)'\n'))
        {
            var count = await file.ReadAsync(head.AsMemory(length), cancellation);
            if (count == 0)
                break;
            length += count;
        }
        return length;
    }
}
