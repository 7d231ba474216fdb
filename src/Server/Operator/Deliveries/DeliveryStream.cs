using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Simkeeper.Core;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>
/// Deliveries as server-sent events (WHATWG HTML, 9.2), as they are made and whatever becomes of them. Each listener reads them from the
/// store by its own cursor: none misses any however slow it is, none costs anything while nothing happens, and one that comes back goes
/// on after its <c>Last-Event-ID</c>. The ends of attempts are told live, and left out for a listener that does not keep up.
/// </summary>
internal sealed class DeliveryStream(
    Database database, JobQueue jobs, DeliveryFeed feed, Messengers messengers, BrokenRows broken, TimeProvider wall)
{
    private const int PageMax = 100;

    /// <summary>Ends of attempts that wait for one listener.</summary>
    private const int WaitingMax = 256;

    /// <summary>Ids that a listener was told of and that are remembered, and how many of them are looked through for late ones.</summary>
    private const int ToldMax = 10_000, LateMax = 2_000;

    /// <summary>Each server makes ids by its own clock and commits later. An id may still turn up this long after its time.</summary>
    private static readonly TimeSpan LateBy = TimeSpan.FromSeconds(10);

    /// <summary>Something is sent at least this often, so that a dead connection is noticed.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Another server's deliveries are seen this soon.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(10);

    /// <summary>Tells a listener of deliveries until it goes or the server stops.</summary>
    /// <param name="account">Whose deliveries; null: everybody's.</param>
    public async Task RunAsync(HttpContext context, Account? account, string lastEventId)
    {
        var (cursor, start) = await StartAsync(lastEventId);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        if (context.IsHead())
            return;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, feed.Stopped);
        try
        {
            await RunAsync(context.Response, account, cursor, start, stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && stop.IsCancellationRequested)
        {
            // It has gone, or the server stops; it comes back with its Last-Event-ID.
        }
    }

    /// <param name="cursor">It is told of what comes after this one,</param>
    /// <param name="start">and of what turned up between this one and that.</param>
    private async Task RunAsync(HttpResponse response, Account? account, Guid cursor, Guid start, CancellationToken stop)
    {
        // Null: there may be new deliveries.
        var waiting = Channel.CreateBounded<AttemptEnded?>(
            new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.DropWrite });
        void Woken(Lane lane)
        {
            if (lane == Lane.Deliveries)
                waiting.Writer.TryWrite(null);
        }
        void Attempted(AttemptEnded ended)
        {
            if (account is null || ended.Delivery.AccountId == account.Id)
                waiting.Writer.TryWrite(ended);
        }
        jobs.Written += Woken;
        feed.Attempted += Attempted;
        try
        {
            Write(response, "ready", Ids.ToBase62(Delivery.IdPrefix, cursor), "{}"u8);
            var told = new Recent<Guid>(ToldMax);
            foreach (var late in await LateAsync(account, start, cursor, told))
                WriteDelivery(response, late, told, isLate: true);
            await response.BodyWriter.FlushAsync(stop);
            var (lastSent, lastLook) = (Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp());
            while (true)
            {
                var ended = new List<AttemptEnded>();
                while (waiting.Reader.TryRead(out var one))
                {
                    if (one is not null)
                        ended.Add(one);
                }
                var sent = ended.Count > 0;
                while (await NewAsync(account, cursor) is { Last: { } last, Found: var page })
                {
                    foreach (var outgoing in page)
                        WriteDelivery(response, outgoing, told);
                    cursor = last;
                    sent = true;
                    await response.BodyWriter.FlushAsync(stop);
                }
                if (Stopwatch.GetElapsedTime(lastLook) > LookEvery)
                {
                    foreach (var late in await LateAsync(account, start, cursor, told))
                    {
                        WriteDelivery(response, late, told, isLate: true);
                        sent = true;
                    }
                    lastLook = Stopwatch.GetTimestamp();
                }
                foreach (var one in ended)
                    WriteAttempt(response, one);
                if (!sent && Stopwatch.GetElapsedTime(lastSent) > Heartbeat)
                {
                    Write(response, "ping", null, "{}"u8);
                    sent = true;
                }
                if (sent)
                {
                    await response.BodyWriter.FlushAsync(stop);
                    lastSent = Stopwatch.GetTimestamp();
                }
                await WaitAsync(waiting.Reader, stop);
            }
        }
        finally
        {
            jobs.Written -= Woken;
            feed.Attempted -= Attempted;
        }
    }

    private static async Task WaitAsync(ChannelReader<AttemptEnded?> waiting, CancellationToken stop)
    {
        using var look = CancellationTokenSource.CreateLinkedTokenSource(stop);
        look.CancelAfter(LookEvery);
        try
        {
            await waiting.WaitToReadAsync(look.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return;
        }
        await Task.Delay(BetweenLooks, TimeProvider.System, stop);
    }

    private async Task<(Guid Cursor, Guid Start)> StartAsync(string lastEventId)
    {
        var each = await database.ReadAsync(async session =>
        {
            var each = new List<Guid>();
            foreach (var orgId in await AcrossOrgs.OrgsAsync(session))
                each.Add(await session.OneAsync(DeliverySql.Newest, row => row.Id(0), orgId));
            return each;
        });
        var newest = each.Append(Guid.Empty).Max();
        // One that is not there yet is not ours, or of what a restored store no longer has.
        if (!Ids.TryParseBase62(Delivery.IdPrefix, lastEventId, out var last) || last.CompareTo(newest) > 0)
            return (newest, newest);
        // Who comes back to several servers is told some again: nobody knows which of them turned up only after it had gone.
        return (last, database.IsShared ? Ids.FirstOf(Ids.PlaceOf(last) - LateBy) : last);
    }

    /// <summary>The next deliveries, and the id of the last, which may be broken; null: there are none.</summary>
    private ValueTask<(List<Outgoing> Found, Guid? Last)> NewAsync(Account? account, Guid after) => database.ReadAsync(async session =>
    {
        static (Guid OrgId, Guid Id) Read(Row row) => (row.Id(0), row.Id(1));
        var found = account is null
            ? await AcrossOrgs.OldestAsync(session, DeliverySql.Newer, Read, delivery => delivery.Id, PageMax, after)
            : await session.ListAsync(DeliverySql.NewerOfAccount, Read, account.OrgId, account.Id, after, PageMax);
        var whole = new List<Outgoing>(found.Count);
        foreach (var org in found.GroupBy(delivery => delivery.OrgId, delivery => delivery.Id))
            whole.AddRange(await messengers.ReadAsync(session, org.Key, [.. org]));
        whole.Sort((a, b) => a.Delivery.Id.CompareTo(b.Delivery.Id));
        return (whole, found.Count == 0 ? (Guid?)null : found[^1].Id);
    });

    /// <summary>Those before the cursor that turned up after it.</summary>
    private ValueTask<List<Outgoing>> LateAsync(
        Account? account, Guid start, Guid cursor, Recent<Guid> told) => database.ReadAsync(async session =>
    {
        var late = new List<Outgoing>();
        if (cursor == start)
            return late;
        var from = Ids.FirstOf(Ids.PlaceOf(cursor) - LateBy);
        var after = from.CompareTo(start) > 0 ? from : start;
        foreach (var orgId in account is null ? await AcrossOrgs.OrgsAsync(session) : [account.OrgId])
        {
            var all = await session.ListAsync(DeliverySql.Between, static row => row.Id(0),
                orgId, after, cursor, account is null, account?.Id ?? Guid.Empty, LateMax);
            late.AddRange(await messengers.ReadAsync(session, orgId, [.. all.Where(id => !told.Contains(id))]));
        }
        late.Sort((a, b) => a.Delivery.Id.CompareTo(b.Delivery.Id));
        return late;
    });

    /// <param name="isLate">It is not where to go on from: then it bears no id.</param>
    private void WriteDelivery(HttpResponse response, Outgoing outgoing, Recent<Guid> told, bool isLate = false)
    {
        var id = outgoing.Delivery.Id;
        told.Add(id);
        var made = broken.Try(DeliverySql.Table, id, () =>
        {
            using var request = messengers.Build(outgoing, wall.GetUtcNow());
            return new StreamedDelivery(outgoing, request, messengers);
        });
        if (made is not null)
        {
            Write(response, "delivery", isLate ? null : outgoing.Delivery.PublicId, JsonAnswer.Render(
                made, static (json, delivery) => JsonSerializer.Serialize(json, delivery, OperatorJson.Default.StreamedDelivery)));
        }
    }

    private void WriteAttempt(HttpResponse response, AttemptEnded ended)
    {
        if (broken.Try(DeliverySql.Table, ended.Delivery.Id, () => StreamedAttempt.Of(ended, messengers)) is { } attempt)
        {
            Write(response, "attempt", null, JsonAnswer.Render(
                attempt, static (json, attempt) => JsonSerializer.Serialize(json, attempt, OperatorJson.Default.StreamedAttempt)));
        }
    }

    private static void Write(HttpResponse response, string type, string? id, ReadOnlySpan<byte> data)
    {
        var head = id is null ? $"event: {type}\ndata: " : $"event: {type}\nid: {id}\ndata: ";
        response.BodyWriter.Write(Encoding.ASCII.GetBytes(head));
        response.BodyWriter.Write(data);
        response.BodyWriter.Write("\n\n"u8);
    }
}
