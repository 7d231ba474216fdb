using Simkeeper.Server.Accounts;

namespace Simkeeper.Server.Operator;

/// <summary>The key of the operator API, for the whole installation: Bearer <c>skop_…</c>.</summary>
internal static class OperatorKey
{
    public const string Word = "operator";

    public static readonly KeyKind Kind = new(Word, "opk", "skop_")
    {
        IsOfAccount = false,
        FirstKeyName = "operatorKey",
        Sandbox = [new("skop_sandbox", CredentialRole.Write)],
    };
}
