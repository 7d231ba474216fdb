using System.Globalization;
using System.Security.Cryptography;
using Simkeeper.Core;
using Simkeeper.Core.Deliveries;
using Simkeeper.Core.Operations;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>Manages webhook endpoints from creation to deletion: their secrets, and the disabling of one whose attempts all fail.</summary>
internal sealed class WebhookEndpoints(Database database, Secrets secrets, SimClock clock, IdGenerator ids, GigsSettings settings)
{
    /// <summary>The most endpoints of one account.</summary>
    public const int CountMax = 50;

    /// <summary>The length of a secret in bytes; Standard Webhooks allows 24 to 64.</summary>
    private const int SecretBytes = 32;

    /// <summary>Creates an endpoint. The answer shows its secret; nothing else does.</summary>
    public async Task<Result<(WebhookEndpoint Endpoint, string Secret)>> CreateAsync(
        Account account, string url, IReadOnlyList<string> events, bool ordered)
    {
        var secret = NewSecret();
        var endpoint = new WebhookEndpoint(
            account.OrgId, ids.Next(), account.Id, url, events, ordered, EndpointState.Enabled, secrets.Seal(secret), null, null, null);
        return await database.WriteAsync<Result<(WebhookEndpoint, string)>>(async session =>
        {
            // Another request for an endpoint of this account waits here, and then counts this one.
            await session.OneAsync(AccountSql.Hold, AccountTable.Rows.Read, account.OrgId, account.Id);
            if (await session.OneAsync(WebhookEndpointSql.CountOf, row => row.Number(0), account.OrgId, account.Id) >= CountMax)
                return new Error(ErrorCode.StateForbids, $"An account has at most {CountMax} webhook endpoints. Delete one first.");
            await session.ExecuteAsync(WebhookEndpointSql.Insert, WebhookEndpointSql.Values(endpoint));
            return (endpoint, secret);
        });
    }

    /// <summary>An endpoint of any org, by its public id.</summary>
    public static async ValueTask<WebhookEndpoint?> FindAsync(Session session, string publicId) =>
        Ids.TryParseBase62(WebhookEndpoint.IdPrefix, publicId, out var id)
            ? await session.OneAsync(WebhookEndpointSql.ByIdAnywhere, WebhookEndpointSql.Read, id)
            : null;

    /// <summary>Gives an endpoint a new secret. The old secrets sign beside it, each until its own end.</summary>
    public async Task<Result<string>> RotateAsync(WebhookEndpoint endpoint)
    {
        var secret = NewSecret();
        return await database.WriteAsync<Result<string>>(async session =>
        {
            if (await session.OneAsync(WebhookEndpointSql.Hold, WebhookEndpointSql.Read, endpoint.OrgId, endpoint.Id) is not { } known)
                return new Error(ErrorCode.NotFound, "The webhook endpoint does not exist.");
            var now = clock.Wall.GetUtcNow();
            OldSecret[] old =
                [new(secrets.Open(known.SealedSecret), now + settings.SecretOverlap), .. known.OldSecrets(secrets.Open, now)];
            if (old.Length > OldSecret.CountMax)
            {
                return new Error(ErrorCode.StateForbids, string.Create(CultureInfo.InvariantCulture,
                    $"{OldSecret.CountMax} old secrets still sign, each until its end. "
                    + $"Rotate again after {old.Min(one => one.Until):yyyy-MM-dd'T'HH:mm:ss.fff'Z'}."));
            }
            await session.ExecuteAsync(WebhookEndpointSql.Rotate, secrets.Seal(secret), secrets.Seal(OldSecret.Join(old)),
                old.Max(one => one.Until), known.OrgId, known.Id);
            return secret;
        });
    }

    /// <summary>Lets an endpoint that was disabled hear of changes again.</summary>
    public Task EnableAsync(WebhookEndpoint endpoint, Actor actor) =>
        database.WriteAsync(session => SetStateAsync(session, endpoint, EndpointState.Enabled, actor));

    /// <summary>Deletes an endpoint. A delivery that it has not got yet is given up at its next turn.</summary>
    public Task DeleteAsync(WebhookEndpoint endpoint) =>
        database.WriteAsync(session => session.ExecuteAsync(WebhookEndpointSql.Delete, endpoint.OrgId, endpoint.Id));

    /// <summary>
    /// Notes the result of an attempt: the time since which all attempts fail. An endpoint that has failed for too long is disabled.
    /// </summary>
    public async ValueTask NoteAsync(Session session, WebhookEndpoint endpoint, bool succeeded)
    {
        if (succeeded)
        {
            await session.ExecuteAsync(WebhookEndpointSql.SetFailingSince, null, endpoint.OrgId, endpoint.Id);
        }
        else if (endpoint.FailingSince is not { } since || since > clock.Now)
        {
            await session.ExecuteAsync(WebhookEndpointSql.SetFailingSince, clock.Now, endpoint.OrgId, endpoint.Id);
        }
        else if (since + settings.DisableAfter <= clock.Now)
        {
            await SetStateAsync(session, endpoint, EndpointState.Disabled, Actor.System);
        }
    }

    private async ValueTask<bool> SetStateAsync(Session session, WebhookEndpoint endpoint, EndpointState to, Actor actor)
    {
        var state = to.ToWire();
        if (await session.ExecuteAsync(WebhookEndpointSql.SetState, state, endpoint.OrgId, endpoint.Id) == 0)
            return false;
        var before = (to == EndpointState.Enabled ? EndpointState.Disabled : EndpointState.Enabled).ToWire();
        var data = $$$"""
            {"previous":{"state":"{{{before}}}"},"updated":{"state":"{{{state}}}","endpoint":"{{{endpoint.PublicId}}}"}}
            """;
        await session.ExecuteAsync(WebhookEndpointSql.InsertEvent, endpoint.OrgId, ids.Next(), Guid.Empty, endpoint.AccountId,
            $"webhook_endpoint.{state}", actor.Kind, actor.Sid, actor.Address, data);
        return true;
    }

    private static string NewSecret() =>
        StandardWebhooks.SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));
}
