using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Deliveries;

/// <summary>An attempt that has ended, and the decision that follows from it.</summary>
/// <param name="Wait">The time until the next attempt, if the delivery stays pending.</param>
internal sealed record Attempted(Outgoing Outgoing, DeliveryAttempt Attempt, DeliveryState State, TimeSpan Wait);

/// <summary>
/// Records attempts. Attempts that end while the store is busy with earlier ones are recorded together, in one transaction. If that fails,
/// each is recorded alone, so that one failure does not affect another. An attempt that changes more than its delivery is recorded alone
/// from the start, so that two transactions never wait for each other's rows.
/// </summary>
internal sealed class AttemptRecords(Database database, Messengers messengers, SimClock clock) : IAsyncDisposable
{
    /// <summary>The most attempts in one transaction.</summary>
    public const int TogetherMax = 256;

    /// <summary>The most transactions under way at once; attempts that end meanwhile wait for the next one.</summary>
    private const int AtOnceMax = 4;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _places = new(AtOnceMax);
    private Together? _open;

    /// <summary>Records an attempt durably. False: another sender of the same delivery recorded it before.</summary>
    public async Task<bool> RecordAsync(Attempted attempted)
    {
        if (!IsAwaited(attempted) && !Notes(attempted) && await TogetherAsync(attempted))
            return true;
        try
        {
            return await database.WriteAsync(async session =>
            {
                await RecordAsync(session, attempted);
                return true;
            });
        }
        catch (LostRaceException)
        {
            return false;
        }
    }

    /// <summary>
    /// Records a failed attempt of a delivery whose row, or what it is sent with, cannot be read. If it has ended, only its job goes.
    /// </summary>
    public Task RecordBrokenAsync(Job job, string reason, double jitter) => database.WriteAsync(async session =>
    {
        var (orgId, id, now) = (job.OrgId, job.SubjectId, clock.Now);
        if (await session.OneAsync(DeliverySql.AttemptsOf, static row => (long?)row.Number(0), orgId, id) is not { } attempts)
        {
            await JobQueue.DeleteAsync(session, orgId, JobKind.Delivery, id);
            return;
        }
        var number = (int)attempts + 1;
        var (state, wait) = DeliveryPolicy.Durable.After(number, null, null, jitter);
        await session.ChangeAsync(DeliverySql.Update, state.ToWire(), number, orgId, id);
        await session.LaterAsync(DeliverySql.InsertAttempt, orgId, id, number, now, null, 0, null, reason);
        if (state == DeliveryState.Pending)
        {
            await JobQueue.PutAsync(session, orgId, JobKind.Delivery, id, Lane.Deliveries, now, now + wait, job.Budget);
            return;
        }
        await JobQueue.DeleteAsync(session, orgId, JobKind.Delivery, id);
        if (await session.OneAsync(
            DeliverySql.NextAfter, static row => (Id: row.Id(0), Receiver: row.Text(1), Account: row.Id(2)), orgId, id)
            is { Id: var next, Receiver: { } receiver, Account: var account })
            await JobQueue.PutNewAsync(session, orgId, JobKind.Delivery, next, Lane.Deliveries, now,
                Delivery.BudgetOf(receiver, account));
    });

    public ValueTask DisposeAsync()
    {
        _places.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<bool> TogetherAsync(Attempted attempted)
    {
        lock (_lock)
        {
            if (_open is { } open && open.All.Count < TogetherMax)
            {
                open.All.Add(attempted);
                return open.Recorded;
            }
            _open = open = new Together();
            open.All.Add(attempted);
            return open.Recorded = Task.Run(() => RecordAsync(open));
        }
    }

    private async Task<bool> RecordAsync(Together together)
    {
        await _places.WaitAsync();
        try
        {
            return await database.WriteAsync(async session =>
            {
                foreach (var attempted in Close(together))
                    await RecordAsync(session, attempted);
                return true;
            });
        }
        catch (Exception)
        {
            // Recorded alone, each attempt reports its own fault.
            Close(together);
            return false;
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>Closes the batch: no more attempts are added.</summary>
    private List<Attempted> Close(Together together)
    {
        lock (_lock)
        {
            if (_open == together)
                _open = null;
            return together.All;
        }
    }

    private async ValueTask RecordAsync(Session session, Attempted attempted)
    {
        var (outgoing, attempt, state, wait) = attempted;
        var delivery = outgoing.Delivery;
        await session.ChangeAsync(DeliverySql.Update, state.ToWire(), attempt.Number, delivery.OrgId, delivery.Id);
        await session.LaterAsync(DeliverySql.InsertAttempt, delivery.OrgId, delivery.Id, attempt.Number, attempt.At,
            (long?)attempt.Status, attempt.LatencyMs, attempt.Answer, attempt.Error);
        if (state == DeliveryState.Pending)
        {
            var now = clock.Now;
            await JobQueue.PutAsync(
                session, delivery.OrgId, JobKind.Delivery, delivery.Id, Lane.Deliveries, now, now + wait, delivery.Budget);
        }
        else
        {
            await JobQueue.DeleteAsync(session, delivery.OrgId, JobKind.Delivery, delivery.Id);
        }
        if (Notes(attempted))
            await messengers.Of(delivery).AttemptedAsync(session, outgoing, state);
        if (IsAwaited(attempted) && await session.OneAsync(DeliverySql.OldestPending, static row => (Guid?)row.Id(0),
            delivery.OrgId, delivery.EndpointId, delivery.SimId, delivery.Url) is { } next)
            await JobQueue.PutNewAsync(session, delivery.OrgId, JobKind.Delivery, next, Lane.Deliveries, clock.Now, delivery.Budget);
    }

    private bool Notes(Attempted attempted) => messengers.Of(attempted.Outgoing.Delivery).Notes(attempted.Outgoing, attempted.State);

    /// <summary>True if it has ended and is part of an order, whose next delivery may be waiting for it.</summary>
    private bool IsAwaited(Attempted attempted) =>
        attempted.State != DeliveryState.Pending && messengers.Of(attempted.Outgoing.Delivery).IsAwaited(attempted.Outgoing);

    /// <summary>The attempts that are recorded in one transaction.</summary>
    private sealed class Together
    {
        public List<Attempted> All { get; } = [];

        /// <summary>False: none was recorded, and each is to be recorded alone.</summary>
        public Task<bool> Recorded { get; set; } = Task.FromResult(false);
    }
}
