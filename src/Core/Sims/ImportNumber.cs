namespace Simkeeper.Core.Sims;

/// <summary>Takes away what spreadsheets and people put around and into the digits of a number.</summary>
internal static class ImportNumber
{
    /// <summary>
    /// The number without an apostrophe before it, without <c>="…"</c> around it, and without blanks and dashes in it. What else is wrong
    /// with it is left to whoever reads the number. Fails for a number that a spreadsheet has rounded (<c>8.98E+18</c>).
    /// </summary>
    public static Result<string> Clean(string text, ImportColumn column)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return text;
        var bare = text.AsSpan().TrimStart('\'');
        if (bare is ['=', '"', .. var formula, '"'])
            bare = formula;
        if (IsRounded(bare))
        {
            return new Error(ErrorCode.InvalidValue,
                "A spreadsheet has rounded this number, and its last digits are lost. Format the column as text, and export it again.",
                column.ToWire());
        }
        return bare.ContainsAnyExceptInRange('0', '9')
            ? string.Concat(bare.ToString().Where(c => !char.IsWhiteSpace(c) && c is not ('-' or >= '\u2010' and <= '\u2015' or '\u2212')))
            : bare.ToString();
    }

    /// <summary>True for <c>8.98E+18</c> in its spellings. A hex number with an E in it has neither a point nor a sign.</summary>
    private static bool IsRounded(ReadOnlySpan<char> text)
    {
        var exponent = text.IndexOfAny('E', 'e');
        if (exponent <= 0 || text.IndexOfAny('.', ',', '+') <= 0 || !char.IsAsciiDigit(text[0]) || !char.IsAsciiDigit(text[^1]))
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c) && c is not ('.' or ',' or '+' or '-' or 'E' or 'e'))
                return false;
        }
        return true;
    }
}
