namespace Simkeeper.Core.Sims;

/// <summary>
/// A name of a column as it may be repeated. In a file that was read in a wrong way the text in the place of a name can be a card's number
/// or key, so a text that could be one is not shown.
/// </summary>
public static class ImportNames
{
    /// <summary>The longest name that is shown whole, in characters.</summary>
    public const int MaxShown = 40;
    private const int Run = 8;
    private const int DigitsOfSpacedRun = 4;

    /// <summary>The name, cut where it is long, or the place of the column where the name must not be shown.</summary>
    /// <param name="place">The place of the column, from 1.</param>
    public static string Shown(string name, int place)
    {
        if (!IsShowable(name))
            return $"column {place}";
        var clean = string.Concat(name.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c)).Trim();
        return clean.Length > MaxShown ? clean[..MaxShown] + "…" : clean;
    }

    /// <summary>
    /// True if the text has a letter and no run of 8 digits or hex digits, not even one with separators in it: a key is often printed so.
    /// </summary>
    public static bool IsShowable(string text)
    {
        int run = 0, spaced = 0, digits = 0;
        var hasLetter = false;
        foreach (var c in text)
        {
            hasLetter |= char.IsLetter(c);
            if (char.IsAsciiHexDigit(c))
            {
                digits += char.IsDigit(c) ? 1 : 0;
                if (++run >= Run || (++spaced >= Run && digits >= DigitsOfSpacedRun))
                    return false;
                continue;
            }
            run = 0;
            if (!(char.IsWhiteSpace(c) || char.IsPunctuation(c)))
                (spaced, digits) = (0, 0);
        }
        return hasLetter;
    }

    /// <summary>True if a line has a long number that starts like an ICCID: it is a card, and no line of names.</summary>
    public static bool IsCard(IEnumerable<string> fields) => fields.Any(field =>
        field.AsSpan().IndexOf("89") is >= 0 and var start && field.Skip(start).Count(char.IsAsciiDigit) >= Numbers.Iccid.MinDigits - 1);
}
