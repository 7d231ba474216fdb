using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Simkeeper.Server;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Cli.Commands;

/// <summary>Checks the settings that <c>serve</c> would read here, without starting anything.</summary>
internal sealed class ConfigCheck : Command
{
    public ConfigCheck() : base("check", "Check simkeeper.json and the environment; exit code 2 names what is wrong.") => SetAction(_ =>
    {
        SettingsHere.Read(App.Configuration(new Dictionary<string, string?>()));
        Output.Message("The settings are right.");
        return ExitCode.Done;
    });
}

/// <summary>Shows the settings that are given, and where. Secrets are not shown.</summary>
internal sealed class ConfigShow : Command
{
    public ConfigShow() : base("show", "Show the settings that are given, and where each comes from.") => SetAction(_ =>
    {
        var configuration = App.Configuration(new Dictionary<string, string?>());
        SettingsHere.Read(configuration);
        foreach (var (name, value) in configuration.AsEnumerable().Where(pair => pair.Value is not null).OrderBy(pair => pair.Key))
        {
            var source = configuration.Providers.Last(provider => provider.TryGet(name, out string? _)) is FileConfigurationProvider
                ? "simkeeper.json"
                : "environment";
            Console.WriteLine($"{name}  {(SettingsHere.IsSecret(name) ? "(secret)" : Output.Printable(value!))}  {source}");
        }
        return ExitCode.Done;
    });
}

/// <summary>The settings of this folder and environment.</summary>
internal static class SettingsHere
{
    private static readonly string[] SecretWords = ["key", "database", "secret", "password", "token", "headers"];

    public static void Read(IConfiguration configuration)
    {
        try
        {
            _ = App.ReadSettings(configuration);
        }
        catch (StartException wrong)
        {
            throw new CommandException(wrong.Message, ExitCode.WrongUse, wrong);
        }
    }

    /// <summary>Rather too many than one too few: the last part of the name decides.</summary>
    public static bool IsSecret(string name) =>
        SecretWords.Any(word => name[(name.LastIndexOf(':') + 1)..].Contains(word, StringComparison.OrdinalIgnoreCase));
}
