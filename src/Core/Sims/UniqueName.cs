namespace Simkeeper.Core.Sims;

/// <summary>
/// A customer's own name for a SIM, which can stand in for its sid in an address: 1 to 255 characters (Unicode scalar values), none of them
/// a control character, and no text that could be taken for a sid. Unique within an account (Sim page, "UniqueName").
/// </summary>
public readonly record struct UniqueName
{
    public const int MaxLength = 255;

    /// <summary>The suffix that addresses may end in.</summary>
    public const string JsonSuffix = ".json";

    private UniqueName(string value) => Value = value;

    public string Value { get; }

    public static Result<UniqueName> Parse(string text)
    {
        if (Text.Length(text) is < 1 or > MaxLength)
            return Invalid($"A unique name has 1 to {MaxLength} characters.");
        if (text.Any(char.IsControl) || !Text.IsStorable(text))
            return Invalid("A unique name takes no control characters and no broken Unicode.");
        // In an address, dot segments are removed before anybody reads them, %2F stands for the slash of a name, and the suffix is cut off.
        if (text is "." or ".." || text.Contains("%2F", StringComparison.OrdinalIgnoreCase)
            || text.EndsWith(JsonSuffix, StringComparison.Ordinal))
        {
            return Invalid("A unique name is not . or .., has no %2F in it and does not end in .json: it could not stand in an address.");
        }
        if (Ids.LooksLikeSid(text))
            return Invalid("A unique name must not look like a sid, two capital letters and 32 hex digits.");
        return new UniqueName(text);
    }

    public override string ToString() => Value;

    private static Error Invalid(string message) => new(ErrorCode.InvalidValue, message, "unique_name");
}
