using System.CommandLine;
using System.Text.Json;
using Simkeeper.Core.Sims;

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

    private readonly Option<string[]> _map = new("--map")
    {
        Description = "A column by the name that it has in the file; once for each.",
        HelpName = "NAME=COLUMN",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string> _delimiter =
        new Option<string>("--delimiter") { Description = "The character between fields; without it the file tells.", HelpName = ",|;|tab" }
            .Check(text => text is "," or ";" or "|" or "tab" or "\t", "must be one of , ; | and tab.");

    private readonly Option<bool> _update =
        new("--update") { Description = "Correct SIMs that differ from the file; else their rows are refused." };

    private readonly Option<bool> _dryRun =
        new("--dry-run") { Description = "Change nothing; tell how the columns are understood and what would happen." };

    public Import() : base("import", "Import SIMs from a file.")
    {
        _account.Required = true;
        Add(_file);
        Add(_account);
        Add(_provider);
        Add(_rejects);
        Add(_format);
        Add(_map);
        Add(_delimiter);
        Add(_update);
        Add(_dryRun);
        _map.Validators.Add(result =>
        {
            if (ImportMap.Parse([.. result.Tokens.Select(token => token.Value)]).Error is { } error)
                result.AddError($"--map: {error.Message}");
        });
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

        var progress = new Progress(file.CanSeek ? file.Length : null);
        using var body = new FileBody(file, format == "csv" ? "text/csv" : "text/plain", progress);
        try
        {
            var call = $"accounts/{parsed.GetRequiredValue(_account)}/sims/import?format={format}{Choices(parsed)}";
            using var response = await api.PostAsync(call, body, cancellation);
            return await ReadAnswerAsync(response, rejects, progress, output, parsed.GetValue(_dryRun), cancellation);
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

    private string Choices(ParseResult parsed)
    {
        var choices = parsed.GetValue(_provider) is { } id ? $"&provider={id}" : "";
        foreach (var entry in parsed.GetValue(_map) ?? [])
            choices += $"&map={Uri.EscapeDataString(entry)}";
        if (parsed.GetValue(_delimiter) is { } delimiter)
            choices += $"&delimiter={Uri.EscapeDataString(delimiter == "\t" ? "tab" : delimiter)}";
        return choices + (parsed.GetValue(_update) ? "&update=true" : "") + (parsed.GetValue(_dryRun) ? "&dryRun=true" : "");
    }

    private static async Task<int> ReadAnswerAsync(
        HttpResponseMessage response, Stream? rejects, Progress progress, Output output, bool isDryRun, CancellationToken cancellation)
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
                if (isDryRun)
                    Output.Message("This was a dry run: nothing was changed.");
                if (item.RootElement.TryGetProperty("error", out var error))
                    throw new CommandException($"The import broke off: {error.GetProperty("detail").GetString()} {SafeToRepeat}");
                var isEmpty = item.RootElement.TryGetProperty("read", out _);
                if (isEmpty)
                    Output.Message("No card was read. Look at the file: are there cards below the line that names the columns?");
                return isEmpty || item.RootElement.GetProperty("refused").GetInt64() > 0 ? ExitCode.RowsRefused : ExitCode.Done;
            }
            if (item.RootElement.TryGetProperty("progress", out var rows))
            {
                if (item.RootElement.TryGetProperty("header", out var header))
                {
                    progress.Clear();
                    foreach (var remark in ImportRemarks.Of(header, isDryRun))
                        Output.Message(remark);
                }
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

    private static string GuessFormat(string path) => ExtensionOf(path) switch
    {
        ".CSV" or ".TSV" => "csv",
        ".OUT" => "out",
        _ => throw new CommandException("Give --format csv or --format out: the name of the file does not tell.", ExitCode.WrongUse),
    };

    /// <summary>The extension of the file that is packed, if one is: the server unpacks it.</summary>
    private static string ExtensionOf(string path) => Path.GetExtension(path).ToUpperInvariant() is var extension && extension == ".GZ"
        ? Path.GetExtension(path[..^extension.Length]).ToUpperInvariant()
        : extension;

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
}
