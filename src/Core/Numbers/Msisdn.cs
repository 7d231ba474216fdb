namespace Simkeeper.Core.Numbers;

/// <summary>
/// A telephone number in international form: at most 15 digits, kept without the leading <c>+</c> (ITU-T E.164; 3GPP TS 23.003 §3.3).
/// </summary>
public readonly record struct Msisdn
{
    public const int MaxDigits = 15;

    private Msisdn(string value) => Value = value;

    /// <summary>1 to 15 digits.</summary>
    public string Value { get; }

    /// <summary>Reads 1 to 15 digits, with or without a leading <c>+</c>. The first is that of a country code, and never 0.</summary>
    public static Result<Msisdn> Parse(string text)
    {
        var value = text.StartsWith('+') ? text[1..] : text;
        if (value.Length is < 1 or > MaxDigits || !CheckDigits.AreDigits(value))
            return Invalid("An MSISDN has 1 to 15 digits in international form, without spaces.");
        if (value.StartsWith("00", StringComparison.Ordinal))
            return Invalid("An MSISDN starts with its country code. Leave out the 00 before it.");
        return value[0] == '0'
            ? Invalid("An MSISDN starts with a country code, and none starts with 0. Put the country code in the place of the 0.")
            : new Msisdn(value);
    }

    public override string ToString() => Value;

    private static Error Invalid(string message) => new(ErrorCode.InvalidValue, message, "msisdn");
}
