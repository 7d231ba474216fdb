using Simkeeper.Server.Accounts;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>The key of the Gigs dialect: Bearer <c>gpk_…</c>.</summary>
internal static class GigsKey
{
    public const string Word = "gigs";

    public static readonly KeyKind Kind = new(Word, "apk", "gpk_")
    {
        FirstKeyName = "gigsKey",
        Sandbox =
        [
            new("gpk_sandbox", CredentialRole.Write), new("gpk_sandbox_read", CredentialRole.Read),
            new("gpk_sandbox_sub", CredentialRole.Write, IsOfSubaccount: true),
        ],
    };
}
