using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>Adds a feature's part to a new sandbox, inside the transaction that makes its accounts.</summary>
internal interface ISandboxSeed
{
    ValueTask AddAsync(Session session, Account master, Account subaccount);
}
