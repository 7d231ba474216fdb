namespace Simkeeper.Core.Numbers;

/// <summary>
/// The number of a SIM: 89, country code, issuer, account and check digit (ITU-T E.118, ETSI TS 102 221 §13.2). 19 digits by E.118, 20 in
/// common use. The <c>F</c> that fills up the twentieth half-byte of a card's file is no part of it and is stripped.
/// </summary>
public readonly record struct Iccid
{
    public const int MinDigits = 19;
    public const int MaxDigits = 20;
    private const string Field = "iccid";

    private Iccid(string value) => Value = value;

    /// <summary>19 or 20 digits that start with 89.</summary>
    public string Value { get; }

    /// <summary>
    /// True if the last digit is the Luhn digit that E.118 asks for. Real cards exist that fail, so an ICCID need not pass.
    /// </summary>
    public bool HasValidCheckDigit => CheckDigits.PassesLuhn(Value);

    /// <summary>Reads 19 digits, 19 digits and <c>F</c>, or 20 digits. 18 digits (no check digit) are refused.</summary>
    public static Result<Iccid> Parse(string text)
    {
        var value = WithoutFiller(text);
        if (value.Length is < MinDigits or > MaxDigits)
            return Invalid($"An ICCID has 19 digits, or 20; this has {value.Length} characters."
                + (value.Length == MinDigits - 1 ? " Add the check digit." : ""));
        if (!CheckDigits.AreDigits(value))
            return Invalid("An ICCID is made of digits only, and a final F after 19 of them. One with other hex digits is not taken.");
        if (!value.StartsWith("89", StringComparison.Ordinal))
            return Invalid("An ICCID starts with 89.");
        return new Iccid(value);
    }

    /// <summary>The text without the <c>F</c> that fills up 19 digits; any other text is left as it is.</summary>
    public static string WithoutFiller(string text) => text.Length == MinDigits + 1 && text[^1] is 'F' or 'f' ? text[..^1] : text;

    public override string ToString() => Value;

    private static Error Invalid(string message) => new(ErrorCode.InvalidValue, message, Field);
}
