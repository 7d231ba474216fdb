using System.Text.Encodings.Web;
using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>An enabled endpoint that hears of an account's SIMs, and the account's project.</summary>
internal sealed record WebhookListener(Guid Id, string Url, IReadOnlyList<string> Events, bool Ordered, string Project);

/// <summary>
/// Tells webhook endpoints of changes, in the transactions of the changes. Bodies are made here, once. The endpoints are read in the same
/// transaction as the SIM, so that no server sends to an endpoint that another has just switched off.
/// </summary>
internal sealed class Webhooks(IdGenerator ids, SimSettings settings, GigsSettings gigs) : ISimFollower
{
    /// <summary>The start of the public id of a message; it is the event's id too.</summary>
    public const string MessagePrefix = "evt";

    private const string Source = "https://api.gigs.com";

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public Joined ReadsAlong => WebhookEndpointSql.OfSim;

    public async ValueTask ChangedAsync(Session session, SimChange change)
    {
        var (before, after) = (change.Before, change.After);
        var accountId = before.AccountId;
        List<WebhookListener>? listeners = null;
        foreach (var happened in GigsEvents.Of(before, after, EsimProfile.IsShown(after ?? before, settings)))
        {
            if (listeners is null && change.ReadAlong is { } along && happened.Sim.AccountId == accountId)
                listeners = [.. along.Cast<WebhookListener>().OrderBy(listener => listener.Id)];
            else if (listeners is null || happened.Sim.AccountId != accountId)
                listeners = await ListenersAsync(session, happened.Sim.OrgId, accountId = happened.Sim.AccountId);
            await TellAsync(session, listeners, happened, change.Now, change.Wake, change.Kept);
        }
    }

    public async ValueTask CreatedAsync(Session session, SimsCreated created)
    {
        var listeners = await ListenersAsync(session, created.OrgId, created.AccountId);
        foreach (var sim in listeners.Count == 0 ? [] : created.Sims)
            await TellAsync(session, listeners, GigsEvents.Of(null, sim, false)[0], created.Now, created.Wake, new Tally());
    }

    /// <summary>A delivery of one event to one endpoint, without regard to its selection.</summary>
    public async ValueTask<Delivery> TestAsync(Session session, WebhookEndpoint to, string project, GigsEvent sample, DateTimeOffset now)
    {
        var messageId = ids.Next(now);
        var delivery = New(to.Id, to.Url, sample.Sim with { Id = Guid.Empty }, messageId, Render(sample, messageId, project, now), now);
        await Outbox.PutAsync(session, delivery, now);
        return delivery;
    }

    private static ValueTask<List<WebhookListener>> ListenersAsync(Session session, Guid orgId, Guid accountId) =>
        session.ListAsync(WebhookEndpointSql.EnabledOf, static row => WebhookEndpointSql.ReadListener(row, 0), orgId, accountId);

    private async ValueTask TellAsync(
        Session session, IReadOnlyList<WebhookListener> listeners, GigsEvent happened, DateTimeOffset now, HashSet<Lane> wake,
        Tally kept)
    {
        byte[]? body = null;
        var messageId = Guid.Empty;
        foreach (var listener in listeners)
        {
            if (!GigsEvents.Selects(listener.Events, happened.Type))
                continue;
            if (body is null)
            {
                messageId = ids.Next(now);
                body = Render(happened, messageId, listener.Project, now);
            }
            var delivery = New(listener.Id, listener.Url, happened.Sim, messageId, body, now);
            await Outbox.PutInOrderAsync(session, ids, delivery, listener.Ordered, now);
            kept.Add(body.Length);
            wake.Add(Lane.Deliveries);
        }
    }

    private Delivery New(Guid endpointId, string url, Sim sim, Guid messageId, byte[] body, DateTimeOffset now) =>
        new(
        sim.OrgId, ids.Next(now), sim.AccountId, sim.Id, GigsMessenger.Name, Delivery.Webhook, url, "POST", body, EndpointId: endpointId,
        MessageId: messageId);

    /// <summary>CloudEvents 1.0 in JSON, as Gigs sends it. No secret of a SIM is in either resource.</summary>
    private byte[] Render(GigsEvent happened, Guid id, string project, DateTimeOffset now)
    {
        using var body = new MemoryStream(512);
        using (var json = new Utf8JsonWriter(body, Json))
        {
            json.WriteStartObject();
            json.WriteString("object", "event");
            json.WriteString("id", Ids.ToBase62(MessagePrefix, id));
            json.WritePropertyName("data");
            if (happened.IsOfProfile)
                GigsResources.WriteProfile(json, happened.Sim, settings);
            else
                GigsResources.WriteSim(json, happened.Sim);
            json.WriteString("datacontenttype", "application/json");
            if (happened.Previous is { } previous)
                WritePrevious(json, happened, previous);
            json.WriteString("project", project);
            json.WriteString("source", Source);
            json.WriteString("specversion", "1.0");
            json.WriteString("time", GigsResources.Time(now));
            json.WriteString("type", happened.Type);
            json.WriteString("version", gigs.EventVersion);
            json.WriteEndObject();
        }
        return body.ToArray();
    }

    /// <summary>The old values of the members that changed, each as a whole.</summary>
    private void WritePrevious(Utf8JsonWriter json, GigsEvent happened, Sim previous)
    {
        json.WriteStartObject("previousData");
        if (happened.IsOfProfile)
        {
            GigsResources.WriteProfileState(json, previous, settings);
        }
        else
        {
            if (!GigsEvents.SameMetadata(previous, happened.Sim))
                GigsResources.WriteMetadata(json, previous);
            if (previous.Provider != happened.Sim.Provider)
                json.WriteString("provider", previous.Provider);
            if (previous.Status.Gigs() != happened.Sim.Status.Gigs())
                json.WriteString("status", previous.Status.Gigs().ToWire());
            if (previous.Type != happened.Sim.Type)
                json.WriteString("type", previous.Type.ToWire());
        }
        json.WriteEndObject();
    }
}
