using System.CommandLine;
using Simkeeper.Core;

namespace Simkeeper.Cli;

/// <summary>The options that more than one command takes.</summary>
internal static class SharedOptions
{
    private const string ProviderCharacters = "abcdefghijklmnopqrstuvwxyz0123456789-";
    private const int ProviderLengthMax = 32;

    public static readonly Option<string> Url = new Option<string>("--url")
    {
        Description = $"The server. Without it SIMKEEPER_URL, without that {ApiClient.DefaultUrl}.",
        HelpName = "URL",
        Recursive = true,
    };

    public static readonly Option<string> Key = new("--key")
    {
        Description = "An operator key. Without it SIMKEEPER_KEY, which other users of this machine cannot see.",
        HelpName = "KEY",
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Print the JSON of the server, lists as one item per line.",
        Recursive = true,
    };

    public static readonly Option<bool> Local = new("--local")
    {
        Description = "Print times in the zone of this machine instead of UTC.",
        Recursive = true,
    };

    public static readonly Option<bool> Ago = new("--ago")
    {
        Description = "Print times as a distance from now.",
        Recursive = true,
    };

    public static void AddGlobalTo(RootCommand root)
    {
        root.Add(Url);
        root.Add(Key);
        root.Add(Json);
        root.Add(Local);
        root.Add(Ago);
    }

    public static Option<string> Account(string description) =>
        new Option<string>("--account") { Description = description, HelpName = "AC…" }
            .Check(text => Ids.TryParseSid("AC", text, out _), "must be the sid of an account: AC and 32 hex digits.");

    public static Option<string> Sim(string description) =>
        new("--sim") { Description = description, HelpName = "SIM" };

    /// <summary>The SIM that a command is about.</summary>
    public static Argument<string> SimId() =>
        new("SIM") { Description = "The SIM: its sid, Gigs id, ICCID, MSISDN, IMSI, EID or unique name." };

    /// <summary>The path of a SIM in the API.</summary>
    public static string SimPath(ParseResult parsed, Argument<string> id) => $"sims/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}";

    /// <summary>An option that takes a time, such as <c>--since</c>.</summary>
    public static Option<string> Time(string name, string description) =>
        new Option<string>(name) { Description = description, HelpName = "TIME" }
            .Check(Times.IsTime, Times.Rule);

    public static Option<string> Provider(string description) =>
        new Option<string>("--provider") { Description = description, HelpName = "ID" }
            .Check(
                text => text.Length is > 0 and <= ProviderLengthMax && text.All(ProviderCharacters.Contains),
                $"must be 1 to {ProviderLengthMax} characters of a-z, 0-9 and -.");

    /// <summary>Makes any other value an error of use. <paramref name="rule"/> continues a sentence that begins with the option.</summary>
    public static Option<string> Check(this Option<string> option, Func<string, bool> accepts, string rule)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !accepts(token.Value))
                result.AddError($"{option.Name} {rule}");
        });
        return option;
    }
}
