namespace Simkeeper.Core.Numbers;

/// <summary>The number of an eUICC: 32 digits, of which the last two make it 1 modulo 97 (GSMA SGP.29).</summary>
public readonly record struct Eid
{
    public const int DigitCount = 32;

    private Eid(string value) => Value = value;

    /// <summary>32 digits.</summary>
    public string Value { get; }

    /// <summary>Reads 32 digits with right check digits.</summary>
    public static Result<Eid> Parse(string text)
    {
        if (text.Length != DigitCount || !CheckDigits.AreDigits(text))
            return Invalid("An EID has 32 digits and nothing else.");
        if (CheckDigits.Modulo97(text) != 1)
            return Invalid("The check digits of this EID are wrong; at least one of its digits is.");
        return new Eid(text);
    }

    public override string ToString() => Value;

    private static Error Invalid(string message) => new(ErrorCode.InvalidValue, message, "eid");
}
