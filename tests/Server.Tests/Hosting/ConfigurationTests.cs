using System.Text;
using Microsoft.Extensions.Configuration;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Hosting;

[SqliteOnly]
public sealed class ConfigurationTests
{
    [Fact]
    public void The_documentation_has_every_setting_as_the_program_describes_it()
    {
        var file = Path.Combine(TestFolder.Sources, "docs", "configuration.md");
        var documentation = File.ReadAllText(file);

        var table = Table(Read([]));
        if (Environment.GetEnvironmentVariable("SIMKEEPER_UPDATE_DOCS") == "1")
            File.WriteAllText(file, documentation =
                documentation[..documentation.IndexOf(table[..table.IndexOf('\n')], StringComparison.Ordinal)] + table);
        Assert.True(documentation.EndsWith("\n\n" + table, StringComparison.Ordinal),
            "docs/configuration.md does not end with the table of the settings. SIMKEEPER_UPDATE_DOCS=1 writes it anew.");
    }

    [Fact]
    public void The_sample_has_every_setting_with_its_meaning_and_changes_no_default()
    {
        var file = Path.Combine(TestFolder.Sources, "config.sample.json");
        var sample = Sample(Read([]));
        if (Environment.GetEnvironmentVariable("SIMKEEPER_UPDATE_DOCS") == "1")
            File.WriteAllText(file, sample);

        Assert.True(File.ReadAllText(file) == sample,
            "config.sample.json is not made from the code. SIMKEEPER_UPDATE_DOCS=1 writes it anew.");
        var read = App.ReadSettings(new ConfigurationBuilder().AddJsonFile(file).Build());
        Assert.Equal(Read([]).All, read.All);
    }

    [Theory]
    [InlineData("Secrets:Kye", "Secrets:Key")]
    [InlineData("Http:Url", "Http:Urls")]
    [InlineData("Jobs:lease_time", "Jobs:Lease")]
    [InlineData("Delivery:Timeout", "Deliveries:Timeout")]
    [InlineData("Carriers:lab:Kindd", "Carriers:{id}:Kind")]
    [InlineData("Deliveries:Accounts:AC00000000000000000000000000000001:Polcy", "Deliveries:Accounts:{sid}:Policy")]
    public void A_misspelt_name_is_wrong_use_and_the_nearest_right_one_is_named(string name, string nearest)
    {
        var refused = Assert.Throws<StartException>(() => Read(new() { [name] = "x" }));

        Assert.True(refused.WrongUse);
        Assert.Contains($"no setting {name}.", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"Did you mean {nearest}?", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_in_other_letters_is_the_same_setting() =>
        Assert.NotNull(Read(new() { ["HTTP:publicurl"] = "https://sims.example.com" }));

    [Theory]
    [InlineData("Sandbox:Enabled", "perhaps")]
    [InlineData("Http:BodyBytesMax", "many")]
    [InlineData("Http:BodyBytesMax", "-1")]
    [InlineData("Http:BodyBytesMax", "1023")]
    [InlineData("Import:BytesMax", "1e9")]
    [InlineData("Import:Luhn", "sometimes")]
    [InlineData("Gigs:ListRetired", "2022")]
    [InlineData("Gigs:IdempotencyLife", "24")]
    [InlineData("Gigs:QrPerMinute", "0")]
    [InlineData("Operations:Deadline", "0s")]
    [InlineData("Operations:ScheduledDeadline", "soon")]
    [InlineData("Jobs:Lease", "2h")]
    [InlineData("Deliveries:Timeout", "1.5s")]
    [InlineData("Http:Urls", "nonsense")]
    [InlineData("Http:Urls", "ftp://127.0.0.1")]
    [InlineData("Http:PublicUrl", "sims.example.com")]
    [InlineData("Http:TrustedProxies", "10.0.0.1,proxy")]
    [InlineData("Carriers:lab:Kind", "magic")]
    [InlineData("Carriers:test:Delay", "200")]
    public void A_wrong_value_is_wrong_use_and_names_the_setting(string name, string value)
    {
        var refused = Assert.Throws<StartException>(() => Read(new() { [name] = value }));

        Assert.True(refused.WrongUse);
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Http__Urls", "nonsense")]
    [InlineData("Operations__Deadline", "90")]
    [InlineData("Operations__Deadlin", "90h")]
    [StartsProgram]
    public async Task The_program_exits_with_2_and_names_the_wrong_setting(string variable, string value)
    {
        using var folder = new TestFolder();

        var result = await Cli.RunAsync(new Dictionary<string, string> { ["SIMKEEPER__" + variable] = value }, "", "serve", "--data",
            folder.Path);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(variable.Replace("__", ":", StringComparison.Ordinal), result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("0ms", 0)]
    [InlineData("30s", 30)]
    [InlineData("15m", 15 * 60)]
    [InlineData("72h", 72 * 3600)]
    [InlineData("90d", 90 * 86400)]
    public void A_duration_has_a_unit(string text, double seconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData("30")]
    [InlineData("1.5h")]
    [InlineData("-1s")]
    [InlineData("+1s")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("s")]
    [InlineData("1 s")]
    [InlineData("1S")]
    [InlineData("1w")]
    [InlineData("1h30m")]
    [InlineData("99999999999999999999d")]
    [InlineData("9223372036854775807d")]
    [InlineData("١s")]
    public void What_is_no_number_with_a_unit_is_no_duration(string? text) => Assert.False(Durations.TryParse(text, out _));

    private static string Table(Settings settings) => string.Concat(settings.All
        .Select(setting => $"| `{setting.Name}` | {Default(setting.Default)} | {setting.Means} |\n")
        .Prepend("| setting | default | what it does |\n| --- | --- | --- |\n"));

    /// <summary>A file to copy from. Settings without a default, and those for names that the user chooses, are commented out.</summary>
    private static string Sample(Settings settings)
    {
        var text = new StringBuilder("""
            // Every setting with its default. Copy what you change to simkeeper.json in the folder where the server is started.
            {

            """);
        foreach (var section in settings.All.GroupBy(setting => setting.Name.Split(':')[0]))
        {
            var comment = section.Any(IsLive) ? "" : "// ";
            text.Append($"  {comment}\"{section.Key}\": {{\n");
            foreach (var setting in section)
                text.Append($"    // {setting.Means}\n    {(IsLive(setting) ? "" : "// ")}{Line(setting)},\n");
            text.Append($"  {comment}}},\n");
        }
        return text.Append("}\n").ToString();
    }

    private static string Line(Setting setting)
    {
        var path = setting.Name.Split(':')[1..];
        var isBare = long.TryParse(setting.Default, out _) || setting.Default is "true" or "false";
        var value = isBare ? setting.Default : $"\"{(IsLive(setting) ? setting.Default : "")}\"";
        var (opened, closed) = (string.Concat(path[..^1].Select(part => $"\"{part}\": {{ ")), string.Concat(path[1..].Select(_ => " }")));
        return $"{opened}\"{path[^1]}\": {value}{closed}";
    }

    private static bool IsLive(Setting setting) => setting.Default.Length > 0 && !setting.Name.Contains('{', StringComparison.Ordinal);

    private static string Default(string text) =>
        text.Length == 0 ? "none" : text.Contains('`', StringComparison.Ordinal) ? text : $"`{text}`";

    private static Settings Read(Dictionary<string, string?> values) =>
        App.ReadSettings(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
}
