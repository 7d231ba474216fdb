namespace Simkeeper.Core.Sims;

/// <summary>The form of a SIM: a profile to download, or a card.</summary>
public enum SimType
{
    /// <summary>An embedded SIM (GSMA SGP.22); written <c>eSIM</c>.</summary>
    ESim,

    /// <summary>A physical SIM; written <c>pSIM</c>.</summary>
    PSim,
}

/// <summary>The spellings of <see cref="SimType"/> in the API, the store and vendors' files.</summary>
public static class SimTypes
{
    public static readonly Words<SimType> Words = new(ToWire);

    public static string ToWire(this SimType type) => type switch
    {
        SimType.ESim => "eSIM",
        SimType.PSim => "pSIM",
    };

    /// <summary>Reads <c>eSIM</c> or <c>pSIM</c>, in exactly these letters.</summary>
    public static Result<SimType> Parse(string text) =>
        Words.Find(text) is { } type ? type : new Error(ErrorCode.InvalidValue, "The type is eSIM or pSIM.", "type");
}
