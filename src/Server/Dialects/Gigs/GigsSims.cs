using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>The six operations of the Gigs SIMs page.</summary>
internal sealed class GigsSims(
    Database database, ListSims list, ChangeSim change, Secrets secrets, Settings settings, TimeProvider wall)
{
    private static readonly Sql FindKey = new(
        "select request_hash, body from idempotency where org_id = @org_id and account_id = @account_id and key = @key and created_at > @oldest");

    /// <summary>What has outlived its use goes with the next key, a few at a time.</summary>
    private static readonly Sql DeleteOldKeys = new("""
        delete from idempotency where org_id = @org_id and account_id = @account_id and key in (
          select key from idempotency where org_id = @org_id and account_id = @account_id and created_at <= @oldest
          order by created_at limit 100)
        """);

    private static readonly Sql InsertKey = new("""
        insert into idempotency (org_id, account_id, key, request_hash, status, body, created_at)
        values (@org_id, @account_id, @key, @request_hash, @status, @body, @now)
        on conflict (org_id, account_id, key) do update set request_hash = @request_hash, status = @status, body = @body, created_at = @now
          where idempotency.created_at <= @oldest
        """);

    private readonly ConcurrentDictionary<(Guid Account, string Key), bool> _inFlight = new();

    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = GigsQuery.Read(context.Request, caller, settings.ListRetired);
        var page = await database.ReadAsync(async session =>
        {
            if ((query.After ?? query.Before) is { } cursor)
            {
                var at = await session.OneAsync(SimSql.ById, SimTable.Rows.Read, caller.OrgId, cursor);
                if (at?.AccountId != caller.AccountId)
                    throw GigsQuery.UnknownCursor(query.After is null ? "before" : "after");
            }
            return await list.RunAsync(session, query);
        });
        await JsonAnswer.WriteAsync(context.Response, 200, page, WriteList);
    }

    public async Task GetAsync(HttpContext context, Caller caller, string[] path)
    {
        var sim = await FindAsync(context, caller, path[1]);
        await JsonAnswer.WriteAsync(context.Response, 200, sim, GigsResources.WriteSim);
    }

    public async Task UpdateAsync(HttpContext context, Caller caller, string[] path)
    {
        var patch = await PatchAsync(context, caller, path[1]);
        var decided = await change.RunAsync(
            FindSim.ByGigsId(caller, path[1]),
            new SimInput.Request { Actor = caller.Actor(context.Address()), Metadata = patch });
        if (decided.Error is { } error)
            throw new GigsException(GigsError.From(error));
        await JsonAnswer.WriteAsync(context.Response, 200, decided.Value.Sim!, GigsResources.WriteSim);
    }

    public async Task CredentialsAsync(HttpContext context, Caller caller, string[] path)
    {
        var sim = await FindAsync(context, caller, path[1]);
        var code = QrCodes.ActivationCode(sim, secrets);
        var qrUrl = code is null ? null : context.Request.PublicUrl(settings) + QrCodes.Path(sim, secrets);
        await JsonAnswer.WriteAsync(context.Response, 200, (sim, code, qrUrl), static (json, credentials) =>
        {
            var (sim, code, qrUrl) = credentials;
            string? Install(string platform) =>
                code is null ? null : $"https://esimsetup.{platform}.com/esim_qrcode_provisioning?carddata={code.Reveal()}";
            json.WriteStartObject();
            json.WriteString("object", "simCredentials");
            json.WriteString("activationCode", code?.Reveal());
            json.WriteString("androidInstallUrl", Install("android"));
            json.WriteString("iosInstallUrl", Install("apple"));
            json.WriteString("qrCodeUrl", qrUrl);
            json.WriteString("sim", sim.GigsId);
            json.WriteEndObject();
        });
    }

    public async Task ProfileAsync(HttpContext context, Caller caller, string[] path)
    {
        var sim = await FindAsync(context, caller, path[1]);
        if (sim.Type == SimType.PSim)
            throw new GigsException(GigsError.NotFound("The eSIM profile of a pSIM"));
        await JsonAnswer.WriteAsync(context.Response, 200, (sim, settings),
            static (json, profile) => GigsResources.WriteProfile(json, profile.sim, profile.settings));
    }

    public async Task SearchAsync(HttpContext context, Caller caller, string[] path)
    {
        GigsQuery.None(context.Request);
        var body = await context.Request.BodyAsync(settings.BodyBytesMax);
        var search = GigsBody.Search(body);
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        var answer = key.Length == 0
            ? await database.ReadAsync(session => SearchAsync(session, caller, search))
            : await SearchOnceAsync(caller, key, Convert.ToHexStringLower(SHA256.HashData(body)), search);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer);
    }

    /// <summary>The first answer under an Idempotency-Key is stored with its effect, and given again to whoever repeats the request.</summary>
    private async Task<byte[]> SearchOnceAsync(Caller caller, string key, string requestHash, (string Iccid, IReadOnlyList<SimType>? Types) search)
    {
        if (!_inFlight.TryAdd((caller.AccountId, key), true))
            throw new GigsException(GigsError.InFlight);
        try
        {
            var now = wall.GetUtcNow();
            return await database.WriteAsync(async session =>
            {
                var (hash, stored) = await session.OneAsync(FindKey, row => (row.Text(0), row.Bytes(1)),
                    caller.OrgId, caller.AccountId, key, now - settings.IdempotencyLife);
                if (hash is not null)
                {
                    return hash == requestHash
                        ? stored
                        : throw new GigsException(GigsError.Invalid("Idempotency-Key", "This Idempotency-Key was used with another body. Use a new key."));
                }
                var answer = await SearchAsync(session, caller, search);
                await session.ExecuteAsync(DeleteOldKeys, caller.OrgId, caller.AccountId, now - settings.IdempotencyLife);
                var inserted = await session.ExecuteAsync(
                    InsertKey, caller.OrgId, caller.AccountId, key, requestHash, 200, answer, now, now - settings.IdempotencyLife);
                // Another server has just stored the answer of the same request.
                return inserted == 1 ? answer : throw new GigsException(GigsError.InFlight);
            });
        }
        finally
        {
            _inFlight.TryRemove((caller.AccountId, key), out _);
        }
    }

    private static async ValueTask<byte[]> SearchAsync(Session session, Caller caller, (string Iccid, IReadOnlyList<SimType>? Types) search)
    {
        var sim = await session.OneAsync(SimSql.ByIccid, SimTable.Rows.Read, caller.OrgId, search.Iccid);
        var found = sim?.AccountId == caller.AccountId && search.Types?.Contains(sim.Type) != false;
        return JsonAnswer.Render(new Page<Sim>(found ? [sim!] : [], false, false), WriteList).ToArray();
    }

    private async Task<List<KeyValuePair<string, string?>>?> PatchAsync(HttpContext context, Caller caller, string id)
    {
        try
        {
            GigsQuery.None(context.Request);
            return GigsBody.Patch(await context.Request.BodyAsync(settings.BodyBytesMax));
        }
        catch (Exception e) when (e is GigsException or BadHttpRequestException)
        {
            // The path is checked first: of a SIM that is not there, nothing else is said.
            _ = await FindAsync(context, caller, id);
            throw;
        }
    }

    private async Task<Sim> FindAsync(HttpContext context, Caller caller, string id)
    {
        var sim = await database.ReadAsync(FindSim.ByGigsId(caller, id).ReadAsync)
            ?? throw new GigsException(GigsError.NotFound("The SIM"));
        GigsQuery.None(context.Request);
        return sim;
    }

    private static void WriteList(Utf8JsonWriter json, Page<Sim> page)
    {
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("items");
        foreach (var sim in page.Items)
            GigsResources.WriteSim(json, sim);
        json.WriteEndArray();
        json.WriteString("moreItemsAfter", page.MoreAfter ? page.Items[^1].GigsId : null);
        json.WriteString("moreItemsBefore", page.MoreBefore ? page.Items[0].GigsId : null);
        json.WriteEndObject();
    }
}
