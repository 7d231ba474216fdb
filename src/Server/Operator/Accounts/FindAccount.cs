using Simkeeper.Core;
using Simkeeper.Server.Accounts;

namespace Simkeeper.Server.Operator;

/// <summary>Finds the account that a request names.</summary>
internal static class FindAccount
{
    private static readonly Error Unknown = new(ErrorCode.NotFound, "The account does not exist.");

    private static readonly Error Closed = new(ErrorCode.StateForbids, "The account is closed.");

    /// <summary>The account of a path; 404 if there is none.</summary>
    public static async Task<Result<Account>> OfPathAsync(Accounts.Accounts accounts, string sid) =>
        (Ids.TryParseSid("AC", sid, out var id) ? await accounts.FindAsync(id) : null) is { } account ? account : Unknown;

    /// <summary>The account of a path that is to get something; 404 if there is none, 409 if it is closed.</summary>
    public static async Task<Result<Account>> OpenOfPathAsync(Accounts.Accounts accounts, string sid)
    {
        var found = await OfPathAsync(accounts, sid);
        return found.Error is null && found.Value.Status == AccountStatus.Closed ? Closed : found;
    }

    /// <summary>The account that a parameter or property names, null without one; 400 if there is none.</summary>
    public static async Task<Result<Account?>> OfFieldAsync(Accounts.Accounts accounts, Guid? id) =>
        id is null ? (Account?)null
        : await accounts.FindAsync(id.Value) is { } account ? account
        : new Error(ErrorCode.InvalidValue, NoSid, "account");

    /// <summary>The refusal of a value that is not the sid of an account.</summary>
    public const string NoSid = "account is not the sid of an account.";
}
