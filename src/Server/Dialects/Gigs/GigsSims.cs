using System.Security.Cryptography;
using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>The six operations of the Gigs SIMs page.</summary>
internal sealed class GigsSims(
    Database database, ChangeSim change, Secrets secrets, GigsSettings settings, SimSettings sims, SandboxSettings sandbox,
    Idempotency idempotency, BrokenRows broken)
{
    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = GigsQuery.Read(context.Request, caller, settings.ListRetired);
        var found = await database.ReadAsync(async session =>
            (query.After ?? query.Before) is { } cursor
                && (await session.OneAsync(SimSql.ById, SimTable.Rows.Read, caller.OrgId, cursor))?.AccountId != caller.AccountId
                ? new Error(ErrorCode.NotFound, "The cursor is no SIM of this project.")
                : await ListSims.RunAsync(session, broken, query));
        if (found.Error is { Code: ErrorCode.NotFound })
            throw GigsQuery.UnknownCursor(query.After is null ? "before" : "after");
        if (found.Error is { } error)
            throw new GigsException(GigsError.From(error));
        await JsonAnswer.WriteAsync(context.Response, 200, found.Value, WriteList);
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
            FindSim.ByPublicId(caller, path[1]),
            new SimInput.Request { Actor = caller.Actor(context.Address()), Metadata = patch });
        if (decided.Error is { } error)
            throw new GigsException(GigsError.From(error));
        await JsonAnswer.WriteAsync(context.Response, 200, decided.Value.Sim!, GigsResources.WriteSim);
    }

    public async Task CredentialsAsync(HttpContext context, Caller caller, string[] path)
    {
        var sim = await FindAsync(context, caller, path[1]);
        var code = QrCodes.ActivationCode(sim, secrets);
        var qrUrl = code is null ? null : context.Request.PublicUrl(settings.Http) + QrCodes.Path(sim, secrets);
        await JsonAnswer.WriteSecretAsync(context.Response, 200, (sim, code, qrUrl), static (json, credentials) =>
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
            json.WriteString("sim", sim.PublicId);
            json.WriteEndObject();
        });
    }

    public async Task ProfileAsync(HttpContext context, Caller caller, string[] path)
    {
        var sim = await FindAsync(context, caller, path[1]);
        if (sim.Type == SimType.PSim)
            throw new GigsException(GigsError.NotFound("The eSIM profile of a pSIM"));
        await JsonAnswer.WriteAsync(context.Response, 200, (sim, sims),
            static (json, profile) => GigsResources.WriteProfile(json, profile.sim, profile.sims));
    }

    public async Task SearchAsync(HttpContext context, Caller caller, string[] path)
    {
        GigsQuery.None(context.Request);
        var body = await context.Request.BodyAsync(settings.Http.BodyBytesMax);
        var search = GigsBody.Search(body, settings.InvalidIccidCode);
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        var answer = key.Length == 0
            ? await database.ReadAsync(session => SearchAsync(session, caller, search))
            : await idempotency.AnswerAsync(
                caller, key, Convert.ToHexStringLower(SHA256.HashData(body)), session => SearchAsync(session, caller, search));
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer);
    }

    private async ValueTask<byte[]> SearchAsync(Session session, Caller caller, (string Iccid, IReadOnlyList<SimType>? Types) search)
    {
        var sim = await session.OneAsync(SimSql.ByIccid, SimTable.Rows.Read, caller.OrgId, search.Iccid);
        if (sim?.AccountId != caller.AccountId)
            sim = null;
        var placeholder = sandbox.Enabled && sim is null ? PlaceholderSim.Find(search.Iccid) : null;
        var found = (sim?.Type ?? placeholder?.Type) is { } type && search.Types?.Contains(type) != false;
        if (placeholder is not null && found)
        {
            return JsonAnswer.Render(
                placeholder, static (json, only) => WriteList(json, [only], static (to, item) => item.Write(to), null, null)).ToArray();
        }
        return JsonAnswer.Render(new Page<Sim>(found ? [sim!] : [], false, false), WriteList).ToArray();
    }

    private async Task<List<KeyValuePair<string, string?>>?> PatchAsync(HttpContext context, Caller caller, string id)
    {
        try
        {
            GigsQuery.None(context.Request);
            return GigsBody.Patch(await context.Request.BodyAsync(settings.Http.BodyBytesMax));
        }
        catch (Exception e) when (e is GigsException or BadHttpRequestException)
        {
            // The path is checked first: for a SIM that does not exist no other error is given.
            _ = await FindAsync(context, caller, id);
            throw;
        }
    }

    private async Task<Sim> FindAsync(HttpContext context, Caller caller, string id)
    {
        var sim = await database.ReadAsync(FindSim.ByPublicId(caller, id).ReadAsync)
            ?? throw new GigsException(GigsError.NotFound("The SIM"));
        GigsQuery.None(context.Request);
        return sim;
    }

    private static void WriteList(Utf8JsonWriter json, Page<Sim> page) => WriteList(json, page.Items, GigsResources.WriteSim,
        page.MoreAfter ? page.Items[^1].PublicId : null, page.MoreBefore ? page.Items[0].PublicId : null);

    private static void WriteList<T>(
        Utf8JsonWriter json, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write, string? moreAfter, string? moreBefore)
    {
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("items");
        foreach (var item in items)
            write(json, item);
        json.WriteEndArray();
        json.WriteString("moreItemsAfter", moreAfter);
        json.WriteString("moreItemsBefore", moreBefore);
        json.WriteEndObject();
    }
}
