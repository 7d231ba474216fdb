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

    /// <summary>Reads 1 to 15 digits, with or without a leading <c>+</c>.</summary>
    public static Result<Msisdn> Parse(string text)
    {
        var value = text.StartsWith('+') ? text[1..] : text;
        return value.Length is >= 1 and <= MaxDigits && CheckDigits.AreDigits(value)
            ? new Msisdn(value)
            : new Error(ErrorCode.InvalidValue, "An MSISDN has 1 to 15 digits in international form, without spaces.", "msisdn");
    }

    public override string ToString() => Value;
}
