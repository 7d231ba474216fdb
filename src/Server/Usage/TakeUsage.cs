using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>
/// The one door for usage. Whatever the order of the reports, however often they come and however they are split into batches, the same
/// is counted: see <see cref="UsageMark"/>. The sums of hours follow in the same transaction, by what a report changes.
/// </summary>
internal sealed class TakeUsage(Database database, ChangeSim change, SimClock clock, IdGenerator ids, JobQueue jobs, UsageSettings settings)
{
    /// <summary>Reports in one batch.</summary>
    public const int ReportsMax = 10_000;

    /// <summary>Reports in one transaction: other writers do not wait long.</summary>
    private const int TransactionMax = 500;

    /// <summary>
    /// Counts a Command in the second and hour of the SIM and the hour of its account, in the transaction that records it.
    /// </summary>
    public static ValueTask CountCommandAsync(Session session, Sim sim, bool toSim, DateTimeOffset at)
    {
        var deltas = new UsageDeltas(sim.OrgId);
        deltas.Add(sim.Id, at.ToUnixTimeMilliseconds(), sim.AccountId, new UsageCount(Roaming.Home, 0, 0, toSim ? 0 : 1, toSim ? 1 : 0));
        return deltas.SaveAsync(session);
    }

    /// <summary>Takes what is valid, durably. Gives the reports that were refused, and the fields that others have lost.</summary>
    public async Task<(List<(int Index, Error Error)> Refused, List<(int Index, Error Error)> Dropped)> RunAsync(
        IReadOnlyList<NamedReport> reports)
    {
        var now = clock.Now;
        var refused = new List<(int, Error)>();
        var dropped = new List<(int, Error)>();
        var valid = new List<NamedReport>(reports.Count);
        foreach (var named in reports)
        {
            var (report, wrong) = named.Report.WithoutWrong();
            dropped.AddRange(wrong.Select(error => (named.Index, error)));
            if (report.Check(now, settings.Retention) is { } error)
                refused.Add((named.Index, error));
            else
                valid.Add(named with { Report = report });
        }
        var sims = await database.ReadAsync(session => ResolveAsync(session, valid.Select(report => report.Sim).Distinct()));
        var known = new List<(Guid OrgId, Guid SimId, NamedReport Named)>(valid.Count);
        foreach (var named in valid)
        {
            if (sims.TryGetValue(named.Sim, out var sim))
                known.Add((sim.OrgId, sim.SimId, named));
            else
                refused.Add((named.Index, NoSuchSim(named.Sim)));
        }
        foreach (var org in known.GroupBy(entry => entry.OrgId))
        {
            foreach (var chunk in org.OrderBy(entry => entry.SimId).Chunk(TransactionMax))
            {
                var wake = new HashSet<Lane>();
                refused.AddRange(await ChangeSim.RetryAsync(
                    () => database.WriteAsync(session => TakeAsync(session, org.Key, chunk, now, wake))));
                foreach (var lane in wake)
                    jobs.Wake(lane);
            }
        }
        return (refused, dropped);
    }

    private static async ValueTask<Dictionary<SimName, (Guid OrgId, Guid SimId)>> ResolveAsync(Session session, IEnumerable<SimName> names)
    {
        var found = new Dictionary<SimName, (Guid, Guid)>();
        foreach (var name in names)
        {
            (Guid, Guid) sim;
            if (name.Kind != "sim")
            {
                var entry = await session.OneAsync(DirectorySql.Find, DirectoryTable.Rows.Read, name.Kind, name.Value);
                sim = (entry.OrgId, entry.Target);
            }
            else if (Ids.TryParseSid("DE", name.Value, out var id) || Ids.TryParseBase62("sim", name.Value, out id))
                sim = await session.OneAsync(UsageSql.OrgOfSim, row => (row.Id(0), id), id);
            else
                continue;
            if (sim != default)
                found.Add(name, sim);
        }
        return found;
    }

    private async ValueTask<List<(int, Error)>> TakeAsync(
        Session session, Guid orgId, IReadOnlyList<(Guid OrgId, Guid SimId, NamedReport Named)> reports, DateTimeOffset now,
        HashSet<Lane> wake)
    {
        var refused = new List<(int, Error)>();
        var deltas = new UsageDeltas(orgId);
        var limited = new List<Subscriber>();
        wake.Clear();
        foreach (var ofSim in reports.GroupBy(entry => entry.SimId))
        {
            if (!await session.AnyAsync(UsageSql.Hold, orgId, ofSim.Key)
                || await SubscriberAsync(session, orgId, ofSim.Key) is not { } subscriber)
            {
                refused.AddRange(ofSim.Select(entry => (entry.Named.Index, NoSuchSim(entry.Named.Sim))));
                continue;
            }
            long bytes = 0;
            foreach (var ofSession in ofSim.GroupBy(entry => entry.Named.Report.Session, entry => entry.Named))
            {
                var told = ofSession.Select(named => named.Report);
                if (await TakeAsync(session, subscriber, ofSession.Key, [.. told], deltas, now) is { } grown)
                    bytes += grown;
                else
                    refused.AddRange(ofSession.Select(named => (named.Index, TooOld)));
            }
            if (subscriber.IsReady && bytes > 0)
            {
                var sim = await session.OneAsync(SimSql.ById, SimTable.Rows.Read, orgId, ofSim.Key);
                await change.UsedAsync(session, sim!, new SimInput.Used(bytes, 0), now, wake);
            }
            if (subscriber is { PlanId: not null, HasMonths: true })
                limited.Add(subscriber);
        }
        await deltas.SaveAsync(session);
        await CountPeriodsAsync(session, limited, deltas, now, wake);
        return refused;
    }

    /// <summary>Counts what was counted towards the limits of plans too.</summary>
    private async ValueTask CountPeriodsAsync(
        Session session, List<Subscriber> sims, UsageDeltas deltas, DateTimeOffset now, HashSet<Lane> wake)
    {
        var limits = new Dictionary<Guid, DataLimit?>();
        var ofSims = deltas.OfSims();
        foreach (var sim in sims.Where(sim => ofSims.Contains(sim.Id)))
        {
            if (!limits.TryGetValue(sim.PlanId!.Value, out var limit))
                limits.Add(sim.PlanId.Value, limit = await DataPeriods.LimitAsync(session, sim.OrgId, sim.PlanId.Value));
            if (limit is not null)
                await DataPeriods.CountAsync(session, ids, sim.OrgId, sim.Id, sim.Activated, limit, ofSims[sim.Id], now, wake);
        }
    }

    /// <summary>
    /// Takes the reports of one session. Gives by how many bytes its counters have grown; null: nothing is known of it, and it began before
    /// usage is kept.
    /// </summary>
    private async ValueTask<long?> TakeAsync(
        Session session, Subscriber sim, string name, IReadOnlyList<UsageReport> reports, UsageDeltas deltas, DateTimeOffset now)
    {
        var stored = await session.OneAsync(UsageSql.Session, DataSessionTable.Rows.Read, sim.OrgId, sim.Id, name);
        if (stored is null && reports.Max(report => report.Start) < now - settings.Retention)
            return null;
        if (stored is null)
            await DropOldAsync(session, sim, now);
        var known = stored ?? DataSession.New(sim.OrgId, sim.Id, name, reports[0].Start);
        foreach (var report in reports)
            known = known.With(report);
        known = known with { Roaming = Roaming.Of(sim.Imsi, known.Mcc, known.Mnc) };
        var reported = reports.Select(sim.MarkOf).ToList();

        // What is newer than the latest mark changes nothing before it; else all marks are looked at.
        IReadOnlyList<UsageMark> before = stored switch
        {
            null => [],
            _ when known.Roaming == stored.Roaming && reported.Min(mark => mark.At) >= stored.MarkedAt => [stored.LatestMark],
            _ => await session.ListAsync(UsageSql.Marks, static row => UsageMarkTable.Rows.Read(row).Mark, sim.OrgId, known.Id),
        };
        var after = UsageMark.Merge(before, reported);
        var latest = after[^1];
        known = known with
        {
            AccountId = latest.AccountId,
            MarkedAt = latest.At,
            Uploaded = latest.Uploaded,
            Downloaded = latest.Downloaded,
        };
        if (stored is not null)
            deltas.Add(sim.Id, before, stored.Roaming, -1);
        deltas.Add(sim.Id, after, known.Roaming, 1);
        foreach (var mark in after.Except(before))
            await session.ExecuteAsync(UsageSql.PutMark, UsageMarkTable.Rows.Values((sim.OrgId, known.Id, mark)));
        if (known != stored)
            await session.ExecuteAsync(UsageSql.PutSession, DataSessionTable.Rows.Values(known));
        return known.Uploaded + known.Downloaded - (stored?.Uploaded ?? 0) - (stored?.Downloaded ?? 0);
    }

    /// <summary>A new session is the moment to forget what is no longer kept of its SIM and account.</summary>
    private async ValueTask DropOldAsync(Session session, Subscriber sim, DateTimeOffset now)
    {
        var before = now - settings.Retention;
        if (!await session.AnyAsync(UsageSql.AnyOlder, sim.OrgId, sim.Id, DataSession.FirstIdOf(before)))
            return;
        await OldUsage.RemoveOfSimAsync(session, sim.OrgId, sim.Id, before);
        await OldUsage.RemoveOfAccountAsync(session, sim.OrgId, sim.AccountId, before);
    }

    private static async ValueTask<Subscriber?> SubscriberAsync(Session session, Guid orgId, Guid simId)
    {
        var (sim, moved) = await session.OneAsync(UsageSql.Subscriber, row => (
            new Subscriber(orgId, simId, row.Id(0), row.TextOrNull(1), row.Text(2), row.Time(3), row.IdOrNull(4), []),
            row.NumberOrNull(5) is not null), orgId, simId);
        return !moved ? sim : sim! with
        {
            Moves = await session.ListAsync(SimSql.Moves, SimMoveTable.Rows.Read, orgId, simId),
        };
    }

    private static readonly Error TooOld = new(
        ErrorCode.InvalidValue,
        "start lies further back than usage is kept, and nothing is known of the session. Report it as one that starts later.", "start");

    private static Error NoSuchSim(SimName name) => new(ErrorCode.SimNotFound, $"No SIM has this {name.Kind}.", name.Kind);

    /// <summary>The facts about a SIM that counting needs.</summary>
    /// <param name="Moves">Oldest first: until when which account owned it before.</param>
    private sealed record Subscriber(
        Guid OrgId, Guid Id, Guid AccountId, string? Imsi, string Status, DateTimeOffset StatusSince, Guid? PlanId,
        List<SimMove> Moves)
    {
        public bool IsReady => Status == SimStatus.Ready.ToWire();

        /// <summary>Its plan's months run, from its first activation to its end.</summary>
        public bool HasMonths => Status != SimStatus.New.ToWire() && Status != SimStatus.Canceled.ToWire();

        /// <summary>The start of its first month, unless that is stored; null: the SIM may never have been active.</summary>
        public DateTimeOffset? Activated => Status == SimStatus.Deactivated.ToWire() ? null : StatusSince;

        /// <summary>The mark that a report makes: of its second, or of the part of it since the SIM moved.</summary>
        public UsageMark MarkOf(UsageReport report)
        {
            var at = report.At.ToUnixTimeMilliseconds();
            var since = UsageDeltas.SecondOf(at);
            var owner = AccountId;
            for (var i = Moves.Count - 1; i >= 0; i--)
            {
                var moved = Moves[i].At.ToUnixTimeMilliseconds();
                if (moved <= at)
                {
                    since = Math.Max(since, moved);
                    break;
                }
                owner = Moves[i].AccountId;
            }
            return new UsageMark(since, owner, report.Uploaded, report.Downloaded);
        }
    }
}
