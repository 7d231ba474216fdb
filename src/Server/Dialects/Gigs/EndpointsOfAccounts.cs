using Simkeeper.Server.Accounts;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>Disables the webhook endpoints of an account that is closed.</summary>
internal sealed class EndpointsOfAccounts : IAccountFollower
{
    public async ValueTask ChangedAsync(Session session, Account before, Account after, DateTimeOffset now)
    {
        if (after.Status == AccountStatus.Closed)
            await session.ExecuteAsync(WebhookEndpointSql.Disable, after.OrgId, after.Id);
    }
}
