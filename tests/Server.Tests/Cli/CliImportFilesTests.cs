using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary>The program imports real files into a real server.</summary>
[StartsProgram]
public sealed class CliImportFilesTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>, IDisposable
{
    private const string Ki = "465B5CE8B199B49FAA5F0A2EE238A6BC";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("simkeeper-cli-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("iccid,imsi,ki,opc\r{0},,{1},{1}\r{2},,{1},{1}\r")]
    [InlineData("{0},,{1},{1}\r{2},,{1},{1}\r")]
    [InlineData("iccid{1},imsi,{1}\r{0},,{1}")]
    [InlineData("iccid,kic1,kid1,{1}\r\n{0},{1},{1},{1}\r\n")]
    [InlineData("iccid,ki\n{1},{0}\n{0},\"{1}\n")]
    public async Task No_key_of_a_card_is_ever_printed(string file)
    {
        var text = string.Format(null, file, Fleet.Iccid(), Ki, Fleet.Iccid());

        var result = await ImportAsync("cards.csv", text);

        Assert.DoesNotContain(Ki[..8], result.Error + result.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_file_with_CR_line_ends_is_imported()
    {
        var result = await ImportAsync("cards.csv", $"iccid,imsi,ki,opc\r{Fleet.Iccid()},,{Ki},{Ki}\r{Fleet.Iccid()},,{Ki},{Ki}\r");

        Assert.Equal((0, "imported  2\npresent   0\nrefused   0\n"), (result.ExitCode, result.Output));
        Assert.Equal("Keys of the card are never stored; ignored: ki, opc.\n", result.Error);
    }

    [Theory]
    [InlineData("iccid,imsi\n")]
    [InlineData("iccid,imsi\r\n,\r\n,\r\n")]
    public async Task A_file_in_which_no_card_was_read_is_exit_code_3(string file)
    {
        var result = await ImportAsync("cards.csv", file);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("No card was read.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_packed_output_file_tells_its_unknown_columns_and_names()
    {
        var iccid = Fleet.Iccid();
        var path = Path.Combine(_folder.FullName, "batch.out.gz");
        var file = $"Quantity: 1\nvar_out:ICCID/IMSI1/Batch\n{iccid}F 001016{Fleet.Number():D9} B7\n\x1A";
        await using (var packed = new GZipStream(File.Create(path), CompressionLevel.Optimal))
            packed.Write(Encoding.UTF8.GetBytes(file));

        var result = await RunAsync("import", path, "--account", TestServer.MasterSid, "--provider", "lab");
        var listed = await RunAsync("sims", "list", "--iccid", iccid + "F", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Columns under another name: IMSI1 as imsi.\nUnknown columns are ignored: Batch.\n", result.Error);
        Assert.Equal(iccid, JsonDocument.Parse(listed.Output).RootElement.GetProperty("iccid").GetString());
    }

    [Fact]
    public async Task A_dry_run_tells_how_the_columns_are_understood_and_an_update_corrects()
    {
        var (iccid, imsi) = (Fleet.Iccid(), $"00117{Fleet.Number():D9}");
        var file = $"Our cards\nKarte;IMSI;Ki\n{iccid};{imsi};{Ki}\n";
        string[] map = ["--map", "Karte=iccid", "--delimiter", ";"];

        var dry = await ImportAsync("cards.csv", file, [.. map, "--dry-run", "--json"]);
        var real = await ImportAsync("cards.csv", file, map);
        var other = file.Replace(imsi, $"00118{Fleet.Number():D9}");
        var refused = await ImportAsync("cards.csv", other, map);
        var corrected = await ImportAsync("cards.csv", other, [.. map, "--update"]);

        Assert.Equal((0, """{"imported":1,"present":0,"refused":0,"dryRun":true}"""), (dry.ExitCode, dry.Output.Trim()));
        Assert.Equal(
            """
            Line 2 names the columns, separated by ;.
            Columns that are read: iccid, imsi.
            Columns under another name: Karte as iccid.
            Keys of the card are never stored; ignored: Ki.
            This was a dry run: nothing was changed.

            """,
            dry.Error, ignoreLineEndingDifferences: true);
        Assert.Equal((0, "imported  1\npresent   0\nrefused   0\n"), (real.ExitCode, real.Output));
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("--update", refused.Error);
        Assert.Equal((0, "imported  0\npresent   1\nrefused   0\nupdated   1\n"), (corrected.ExitCode, corrected.Output));
    }

    [Theory]
    [InlineData("--map", "Karte=nothing")]
    [InlineData("--map", "Ki=friendly_name")]
    [InlineData("--delimiter", "x")]
    public async Task A_wrong_choice_is_wrong_use(string option, string value) =>
        Assert.Equal(2, (await ImportAsync("cards.csv", "iccid\n", option, value)).ExitCode);

    private Task<CliResult> ImportAsync(string name, string text, params string[] more)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return RunAsync(["import", path, "--account", TestServer.MasterSid, .. more]);
    }

    private Task<CliResult> RunAsync(params string[] args) => Cli.RunAsync(
        new() { ["SIMKEEPER_URL"] = sandbox.Server.Url.ToString(), ["SIMKEEPER_KEY"] = "skop_sandbox" }, "", args);
}
