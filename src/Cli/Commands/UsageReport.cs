using System.CommandLine;
using System.Net.Http.Headers;

namespace Simkeeper.Cli.Commands;

/// <summary>Sends a batch of a network's usage reports.</summary>
[Speaks("POST", "/usage")]
internal sealed class UsageReport : Command
{
    private readonly Argument<string> _file = new("FILE")
    {
        Description = "A JSON array of reports, as docs/openapi/operator.json has them; - is stdin.",
    };

    public UsageReport() : base("report", "Report data sessions as a network counts them.")
    {
        Add(_file);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var api = ApiClient.From(parsed);
        using var output = Output.From(parsed);
        await using var file = Open(parsed.GetRequiredValue(_file));
        using var body = new StreamContent(file);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await api.SendAsync(HttpMethod.Post, "usage", body, cancellation);
        output.Document(answer!.RootElement);
        return answer.RootElement.GetProperty("refused").GetArrayLength() == 0 ? ExitCode.Done : ExitCode.RowsRefused;
    }

    private static Stream Open(string path)
    {
        try
        {
            return path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException($"Cannot open {path}: {e.Message}", ExitCode.WrongUse, e);
        }
    }
}
