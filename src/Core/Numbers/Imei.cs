namespace Simkeeper.Core.Numbers;

/// <summary>
/// The number of a device (3GPP TS 23.003 §6.2): an IMEI of 15 digits, the last by Luhn, or an IMEISV of 16, which ends in two digits of
/// software version and has no check digit.
/// </summary>
public readonly record struct Imei
{
    public const int DigitCount = 15;
    public const int DigitCountWithSoftwareVersion = 16;

    private Imei(string value) => Value = value;

    /// <summary>15 or 16 digits.</summary>
    public string Value { get; }

    /// <summary>Reads 15 digits with a right check digit, or 16.</summary>
    public static Result<Imei> Parse(string text)
    {
        if (text.Length is not (DigitCount or DigitCountWithSoftwareVersion) || !CheckDigits.AreDigits(text))
            return Invalid("An IMEI has 15 digits, or 16 with the software version, and nothing else.");
        if (text.Length == DigitCount && !CheckDigits.PassesLuhn(text))
            return Invalid("The check digit of this IMEI is wrong; at least one of its digits is.");
        return new Imei(text);
    }

    public override string ToString() => Value;

    private static Error Invalid(string message) => new(ErrorCode.InvalidValue, message, "imei");
}
