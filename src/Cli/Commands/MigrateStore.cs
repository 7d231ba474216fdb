using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage.Copy;

namespace Simkeeper.Cli.Commands;

/// <summary>Copies a data folder to PostgreSQL. The one command that opens the stores itself.</summary>
internal sealed class MigrateStore : Command
{
    private static readonly string[] Columns = ["table", "rows", "written", "sha256"];

    private readonly Option<string> _data =
        new("--data") { Description = "The data folder; a server may be running on it.", HelpName = "DIR", Required = true };

    private readonly Option<string> _database = new("--database")
    {
        Description = "A PostgreSQL connection string. "
            + "Without it SIMKEEPER__Storage__Database, which other users of this machine cannot see.",
        HelpName = "CONNECTION",
    };

    public MigrateStore() : base("migrate-store", "Copy a data folder to PostgreSQL. Safe to repeat: only what differs is written.")
    {
        Add(_data);
        Add(_database);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var output = Output.From(parsed);
        var connection = parsed.GetValue(_database) ?? Environment.GetEnvironmentVariable("SIMKEEPER__Storage__Database")
            ?? throw new CommandException("Give --database, or SIMKEEPER__Storage__Database in the environment.", ExitCode.WrongUse);
        var progress = new Progress(null);
        try
        {
            var (tables, isLive) = await CopyStore.RunAsync(parsed.GetRequiredValue(_data), connection, TimeProvider.System,
                () => Output.Message("Waiting: a server is starting on this database, or another migrate-store is copying to it."),
                (done, total) => progress.Rows(done, total), cancellation);
            progress.Clear();
            output.Page([.. tables.Select(table => JsonSerializer.SerializeToElement(
                new TableRow(table.Name, table.Rows, table.Written, table.Checksum), TableJson.Default.TableRow))], Columns);
            Output.Message(isLive
                ? "The database holds the folder as it was when this began. A server was running on it and may have written more since: "
                    + "stop it and run this again, which writes only what has changed."
                : "Both stores hold the same. Start servers with --database, and Secrets:Key as the folder's server has it "
                    + "(the content of secrets.key in the folder, unless the setting was given).");
            return ExitCode.Done;
        }
        catch (StartException refused)
        {
            throw new CommandException(refused.Message, refused.WrongUse ? ExitCode.WrongUse : ExitCode.Failed, refused);
        }
        finally
        {
            progress.Clear();
        }
    }
}

/// <summary>A table that was copied, as it is printed.</summary>
internal sealed record TableRow(string Table, long Rows, long Written, string Sha256);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TableRow))]
internal sealed partial class TableJson : JsonSerializerContext;
