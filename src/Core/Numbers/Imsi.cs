namespace Simkeeper.Core.Numbers;

/// <summary>
/// The number of a subscription on its network: mobile country code, network code and subscriber, 6 to 15 digits (3GPP TS 23.003 §2.2).
/// </summary>
public readonly record struct Imsi
{
    public const int MinDigits = 6;
    public const int MaxDigits = 15;

    private Imsi(string value) => Value = value;

    /// <summary>6 to 15 digits.</summary>
    public string Value { get; }

    /// <summary>Reads 6 to 15 digits.</summary>
    public static Result<Imsi> Parse(string text) =>
        text.Length is >= MinDigits and <= MaxDigits && CheckDigits.AreDigits(text)
            ? new Imsi(text)
            : new Error(ErrorCode.InvalidValue, "An IMSI has 6 to 15 digits and nothing else.", "imsi");

    public override string ToString() => Value;
}
