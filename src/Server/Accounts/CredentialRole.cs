using Simkeeper.Core;

namespace Simkeeper.Server.Accounts;

/// <summary>The rights of a credential.</summary>
internal enum CredentialRole
{
    /// <summary>It changes nothing.</summary>
    Read,

    Write,
}

/// <summary>The words of <see cref="CredentialRole"/>.</summary>
internal static class CredentialRoleNames
{
    public static readonly Words<CredentialRole> Words = new(ToWire);

    public static string ToWire(this CredentialRole role) => role switch
    {
        CredentialRole.Read => "read",
        CredentialRole.Write => "write",
    };
}
