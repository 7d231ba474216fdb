using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Simkeeper.Server.Hosting;

/// <summary>One setting as the documentation shows it.</summary>
/// <param name="Name"><c>Section:Name</c>; a part in braces, such as <c>{id}</c>, stands for any name.</param>
/// <param name="Default">The default as text; empty: none.</param>
/// <param name="Means">One or two sentences that say what the setting does.</param>
internal sealed record Setting(string Name, string Default, string Means);

/// <summary>
/// Reads settings: <c>Section:Name</c> in simkeeper.json, <c>SIMKEEPER__Section__Name</c> in the environment. Every feature reads its own
/// settings at the start, and gives name, default, limits and meaning in one place. docs/configuration.md and config.sample.json are
/// generated from them.
/// </summary>
internal sealed class Settings(IConfiguration configuration)
{
    private readonly List<Setting> _all = [];

    /// <summary>Every setting that was read or described, in the order of the features.</summary>
    public IReadOnlyList<Setting> All => _all;

    /// <summary>Describes settings of a section whose names the user chooses, such as <c>Carriers:{id}:Kind</c>.</summary>
    public void Describe(string name, string byDefault, string means) => _all.Add(new Setting(name, byDefault, means));

    /// <summary>The names that the user has chosen in a section, such as the ids of carriers.</summary>
    public IReadOnlyList<string> NamesIn(string section) => [.. configuration.GetSection(section).GetChildren().Select(child => child.Key)];

    /// <summary>Reads a text that must pass a check.</summary>
    /// <param name="means">Null: the setting was described by its pattern.</param>
    /// <param name="check">Null: any text is right.</param>
    /// <param name="rule">The rest of the sentence "The setting X …" for a text that fails the check.</param>
    public string Text(string name, string byDefault, string? means, Func<string, bool>? check = null, string rule = "")
    {
        var value = Given(name, byDefault, means) ?? byDefault;
        return check is null || check(value) ? value : throw Wrong(name, rule);
    }

    /// <summary>Reads a text that must pass a check if it is given; null: it is not given.</summary>
    public string? TextOrNull(string name, string means, Func<string, bool>? check = null, string rule = "")
    {
        var value = Given(name, "", means);
        return value is null || check is null || check(value) ? value : throw Wrong(name, rule);
    }

    /// <summary>Reads one of these words.</summary>
    public string OneOf(string name, string byDefault, string? means, params string[] words) =>
        Text(name, byDefault, means, words.Contains, $"is one of {string.Join(", ", words)}");

    /// <summary>Reads a list with commas between its parts.</summary>
    public string[] List(string name, string byDefault, string means) =>
        (Given(name, byDefault, means) ?? byDefault).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Reads <c>true</c> or <c>false</c>, in any case.</summary>
    public bool Flag(string name, bool byDefault, string means) =>
        Given(name, byDefault ? "true" : "false", means)?.ToLowerInvariant() switch
        {
            null => byDefault,
            "true" => true,
            "false" => false,
            _ => throw Wrong(name, "is true or false"),
        };

    /// <summary>Reads a whole number in a range.</summary>
    public long Number(string name, long byDefault, long min, long max, string? means)
    {
        if (Given(name, byDefault.ToString(CultureInfo.InvariantCulture), means) is not { } text)
            return byDefault;
        return Parse(name, text, min, max);
    }

    /// <summary>Reads a whole number in a range, or null.</summary>
    public long? NumberOrNull(string name, long min, long max, string means) =>
        Given(name, "", means) is { } text ? Parse(name, text, min, max) : null;

    /// <summary>Reads a duration in a range; all three are written as <see cref="Durations"/> has them.</summary>
    public TimeSpan Duration(string name, string byDefault, string min, string max, string? means) =>
        Parse(name, Given(name, byDefault, means) ?? byDefault, min, max);

    /// <summary>Reads a duration in a range, or null.</summary>
    public TimeSpan? DurationOrNull(string name, string min, string max, string means) =>
        Given(name, "", means) is { } text ? Parse(name, text, min, max) : null;

    /// <summary>The error for a setting whose value breaks a rule.</summary>
    /// <param name="rule">The rest of the sentence "The setting X …".</param>
    public static StartException Wrong(string name, string rule) =>
        new($"The setting {name} {rule}. Correct it in simkeeper.json or the environment.", wrongUse: true);

    /// <summary>Refuses names that no feature has read, so that a misspelt setting is not ignored.</summary>
    /// <exception cref="StartException">There is such a name; the message gives the nearest right one.</exception>
    public void RefuseUnknown()
    {
        foreach (var (name, value) in configuration.AsEnumerable())
        {
            if (value is null || _all.Exists(setting => Matches(setting.Name, name)))
                continue;
            var nearest = _all.MinBy(setting => Spelling.Distance(setting.Name.ToLowerInvariant(), name.ToLowerInvariant()))!.Name;
            throw new StartException(
                $"There is no setting {name}. Did you mean {nearest}? docs/configuration.md has all of them.", wrongUse: true);
        }
    }

    private string? Given(string name, string byDefault, string? means)
    {
        if (means is not null)
            Describe(name, byDefault, means);
        return configuration[name] is { Length: > 0 } value ? value : null;
    }

    private static long Parse(string name, string text, long min, long max) =>
        long.TryParse(text, NumberStyles.None, null, out var value) && value >= min && value <= max
            ? value
            : throw Wrong(name, $"is a whole number from {min} to {max}");

    private static TimeSpan Parse(string name, string text, string min, string max)
    {
        _ = Durations.TryParse(min, out var least);
        _ = Durations.TryParse(max, out var most);
        return Durations.TryParse(text, out var duration) && duration >= least && duration <= most
            ? duration
            : throw Wrong(name, $"is a duration such as {Durations.Examples}, from {min} to {max}");
    }

    /// <summary>Compares part by part and ignores case, as configuration does. A part in braces matches any.</summary>
    private static bool Matches(string pattern, string name)
    {
        var (expected, given) = (pattern.Split(':'), name.Split(':'));
        return expected.Length == given.Length && expected.Zip(given)
            .All(part => part.First.StartsWith('{') || part.First.Equals(part.Second, StringComparison.OrdinalIgnoreCase));
    }
}
