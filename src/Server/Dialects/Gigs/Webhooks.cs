using System.Text.Encodings.Web;
using System.Text.Json;
using Simkeeper.Core.Sims;
using Simkeeper.Core;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>Who is told of an account's SIMs: an enabled endpoint, and the project it hears of.</summary>
internal sealed record WebhookListener(Guid Id, string Url, IReadOnlyList<string> Events, bool Ordered, string Project);

/// <summary>
/// Tells webhook endpoints of a change, in its transaction: the bodies are made here, once. The endpoints are read in the transaction too,
/// with the SIM, so that no server tells what another has just switched off.
/// </summary>
internal sealed class Webhooks(IdGenerator ids, SimSettings settings)
{
    /// <summary>What the public id of a message starts with; it is the event's id too.</summary>
    public const string MessagePrefix = "evt";

    private const string Source = "https://api.gigs.com";

    /// <summary>The version of the Gigs API by which payloads are written.</summary>
    private const string Version = "2024-12-20";

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Who is told of the SIMs of an account.</summary>
    public static ValueTask<List<WebhookListener>> ListenersAsync(Session session, Guid orgId, Guid accountId) =>
        session.ListAsync(WebhookSql.EnabledOf, static row => WebhookSql.ReadListener(row, 0), orgId, accountId);

    /// <summary>Tells of a change of a SIM. Says whether there are deliveries to make.</summary>
    /// <param name="after">Null: it was deleted.</param>
    /// <param name="listeners">Who is told of the SIMs of the account it was in, if that is known.</param>
    public async ValueTask<bool> TellAsync(Session session, Sim before, Sim? after, List<WebhookListener>? listeners, DateTimeOffset now)
    {
        var told = false;
        var accountId = before.AccountId;
        foreach (var happened in GigsEvents.Of(before, after, EsimProfile.IsShown(after ?? before, settings)))
        {
            if (listeners is null || happened.Sim.AccountId != accountId)
                listeners = await ListenersAsync(session, happened.Sim.OrgId, accountId = happened.Sim.AccountId);
            told |= await TellAsync(session, listeners, happened, now);
        }
        return told;
    }

    /// <summary>Tells of the creation of a SIM, when it is known who listens.</summary>
    public ValueTask<bool> TellAsync(Session session, IReadOnlyList<WebhookListener> listeners, Sim created, DateTimeOffset now) =>
        listeners.Count == 0
            ? ValueTask.FromResult(false)
            : TellAsync(session, listeners, GigsEvents.Of(null, created, false)[0], now);

    /// <summary>A delivery of one event to one endpoint, whatever its selection.</summary>
    public async ValueTask<Delivery> TestAsync(Session session, WebhookEndpoint to, string project, GigsEvent sample, DateTimeOffset now)
    {
        var messageId = ids.Next(now);
        var delivery = New(to.Id, to.Url, sample.Sim with { Id = Guid.Empty }, messageId, Render(sample, messageId, project, now), now);
        await Outbox.PutAsync(session, delivery, now);
        return delivery;
    }

    private async ValueTask<bool> TellAsync(
        Session session, IReadOnlyList<WebhookListener> listeners, GigsEvent happened, DateTimeOffset now)
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
        }
        return body is not null;
    }

    private Delivery New(Guid endpointId, string url, Sim sim, Guid messageId, byte[] body, DateTimeOffset now) =>
        new(sim.OrgId, ids.Next(now), sim.AccountId, sim.Id, Delivery.Webhook, url, "POST", body, "pending", 0, endpointId, messageId);

    /// <summary>The type of a message.</summary>
    public static string? TypeOf(byte[] body)
    {
        using var message = JsonDocument.Parse(body);
        return message.RootElement.GetProperty("type").GetString();
    }

    /// <summary>CloudEvents 1.0 in JSON, as Gigs sends it. No secret of a SIM is in either resource.</summary>
    private byte[] Render(GigsEvent happened, Guid id, string project, DateTimeOffset now)
    {
        using var body = new MemoryStream(512);
        using (var json = new Utf8JsonWriter(body, Json))
        {
            json.WriteStartObject();
            json.WriteString("object", "event");
            json.WriteString("id", Ids.ToGigs(MessagePrefix, id));
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
            json.WriteString("version", Version);
            json.WriteEndObject();
        }
        return body.ToArray();
    }

    /// <summary>The old values of what changed, each member of the resource whole.</summary>
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
            if (previous.Status.Gigs() != happened.Sim.Status.Gigs())
                json.WriteString("status", previous.Status.Gigs().ToWire());
        }
        json.WriteEndObject();
    }
}
