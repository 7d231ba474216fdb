using Simkeeper.Core;

namespace Simkeeper.Server.Accounts;

/// <summary>The status of an account; docs/accounts.md says what each allows.</summary>
internal enum AccountStatus
{
    Active,

    /// <summary>Its credentials are refused until its master makes it active again.</summary>
    Suspended,

    /// <summary>For ever.</summary>
    Closed,
}

/// <summary>The words of <see cref="AccountStatus"/>.</summary>
internal static class AccountStatusNames
{
    public static readonly Words<AccountStatus> Words = new(ToWire);

    public static string ToWire(this AccountStatus status) => status switch
    {
        AccountStatus.Active => "active",
        AccountStatus.Suspended => "suspended",
        AccountStatus.Closed => "closed",
    };
}
