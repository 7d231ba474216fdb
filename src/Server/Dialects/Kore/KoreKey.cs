using Simkeeper.Server.Accounts;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>The API key of the KORE dialect: Basic <c>SK…:secret</c>.</summary>
internal static class KoreKey
{
    public const string Word = "kore";

    public static readonly KeyKind Kind = new(Word, "SK", null);
}
