using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Simkeeper.Server;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Storage;

namespace Simkeeper.Cli.Commands;

/// <summary>Looks at a store, and says what is wrong with it. It changes nothing, and a server may be running on the store.</summary>
internal sealed class Doctor : Command
{
    private static readonly string[] Columns = ["check", "state", "says"];

    private readonly Option<string> _data = new("--data") { Description = "The data folder.", HelpName = "DIR" };

    private readonly Option<string> _database = new("--database")
    {
        Description = "A PostgreSQL connection string. "
            + "Better SIMKEEPER__Storage__Database, which other users of this machine cannot see.",
        HelpName = "CONNECTION",
    };

    private readonly Option<bool> _check = new("--check") { Description = "Read every page of the store." };

    public Doctor() : base("doctor", "Look at a store and say what is wrong with it. Changes nothing.")
    {
        Add(_data);
        Add(_database);
        Add(_check);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var output = Output.From(parsed);
        var here = App.Configuration(new Dictionary<string, string?>());
        var key = here["Secrets:Key"];
        var data = parsed.GetValue(_data);
        var database = parsed.GetValue(_database) ?? (data is null ? here["Storage:Database"] : null);
        var findings = database is null
            ? await Checkup.OfFolderAsync(
                data ?? here["Storage:Data"] ?? "./.simkeeper", key, Secrets.Opens, parsed.GetValue(_check), cancellation)
            : await Checkup.OfDatabaseAsync(database, key, Secrets.Opens, parsed.GetValue(_check), cancellation);
        output.Page([.. findings.Select(finding => JsonSerializer.SerializeToElement(
            new FindingRow(finding.Check, finding.IsGood ? "good" : "wrong", finding.Says), FindingJson.Default.FindingRow))], Columns);
        return findings.All(finding => finding.IsGood) ? ExitCode.Done : ExitCode.Failed;
    }
}

/// <summary>A finding, as it is printed.</summary>
internal sealed record FindingRow(string Check, string State, string Says);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FindingRow))]
internal sealed partial class FindingJson : JsonSerializerContext;
