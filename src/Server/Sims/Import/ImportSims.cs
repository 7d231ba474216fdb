using System.Collections.Concurrent;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims.Import;

/// <summary>
/// Brings the cards of a vendor's file into an account, in transactions of a few hundred. Safe to repeat and safe to kill: what was
/// committed is <c>present</c> the next time.
/// </summary>
internal sealed class ImportSims(
    Database database, Secrets secrets, SimClock clock, IdGenerator ids, JobQueue jobs, SimFollowers followers,
    ChangeSim change, SimSettings settings, AccountSettings accounts, SandboxSettings sandbox)
{
    /// <summary>Cards in one transaction: enough to make the commit cheap, few enough that other writers hardly wait.</summary>
    public const int BatchMax = 500;

    /// <summary>
    /// The SIMs of accounts, counted once and added to by imports here. SIMs that were deleted since, or came by a move, are seen when the
    /// most seem to be reached.
    /// </summary>
    private readonly ConcurrentDictionary<Guid, long> _counts = new();

    /// <param name="account">Who is to own the SIMs.</param>
    /// <param name="file">The file, its head read.</param>
    /// <param name="counts">Counted up as batches are committed.</param>
    /// <param name="refuse">Told of every refused row, in the order of the file.</param>
    /// <param name="committed">Called after each transaction.</param>
    public async Task RunAsync(
        Account account, CardFile file, ImportOptions options, Actor actor, ImportCounts counts, Func<Refusal, Task> refuse,
        Func<Task> committed, CancellationToken stop)
    {
        var run = new Run(account, options, actor);
        var batch = new List<Row>(BatchMax);
        var writing = Task.CompletedTask;
        async Task FlushAsync()
        {
            // The next batch is read while this one is written.
            await writing;
            var full = batch;
            batch = new List<Row>(BatchMax);
            writing = WriteAsync(run, full, counts, refuse, committed);
        }
        try
        {
            await foreach (var line in file.ReadAsync(stop))
            {
                if (line.Refusal is not { IsOfFile: true } && ++counts.Read > settings.ImportCardsMax)
                {
                    counts.Read--;
                    var reason = $"A file has at most {settings.ImportCardsMax} cards. This and the rest was not read; split the file.";
                    batch.Add(new Row(new Refusal(line.Row?.Line ?? line.Refusal!.Line, null, null, reason)));
                    break;
                }
                batch.Add(Check(run, line));
                if (batch.Count == BatchMax)
                    await FlushAsync();
            }
            await FlushAsync();
        }
        finally
        {
            await writing;
        }
    }

    /// <summary>Does all that needs no transaction, so that the writer's thread is free: checks, encryption, the event's text.</summary>
    private Row Check(Run run, CardLine line)
    {
        if (line.Row is not { } row)
            return new Row(line.Refusal);
        var read = SimCard.Read(row, run.Options.Provider ?? (sandbox.Enabled ? "test" : null), settings.RefuseLuhn);
        if (read.Error is { } error)
            return new Row(Refusal.Of(row, error));
        var iccid = read.Value.Iccid.Value;
        // All of them start with 89.
        if (!run.Iccids.Add(iccid.AsSpan(2)))
        {
            const string Reason = "This ICCID is in the file twice; the first was taken. A spreadsheet may have rounded its last digits.";
            return new Row(new Refusal(row.Line, iccid, "iccid", Reason));
        }
        if (run.Options.DryRun && run.TakenBefore(read.Value) is { } kind)
            return new Row(new Refusal(row.Line, iccid, kind, SimNumbers.Taken(kind).Message));
        var sim = read.Value.ToSim(run.Account.OrgId, run.Account.Id, secrets.Seal);
        return new Row(null) { Line = row.Line, Card = read.Value, Sim = sim, EventData = ChangeSim.EventData(null, sim) };
    }

    private async Task WriteAsync(Run run, List<Row> batch, ImportCounts counts, Func<Refusal, Task> refuse, Func<Task> committed)
    {
        var now = clock.Now;
        var wake = new HashSet<Lane>();
        var created = 0;
        var room = await RoomAsync(run, batch.Count);
        Task<List<Row>> WriteAsync(Func<Batch, ValueTask<List<Row>>> write) => database.WriteAsync(async session =>
        {
            wake.Clear();
            var into = new Batch(run, session, now, wake, [], room);
            var written = await write(into);
            created = into.Created.Count;
            if (run.Options.DryRun)
                throw new DryRunException(written);
            if (into.Created.Count > 0)
                await followers.CreatedAsync(session, new SimsCreated(run.Account.OrgId, run.Account.Id, into.Created, now, wake));
            return written;
        });
        async ValueTask<List<Row>> WriteOneByOneAsync(Batch into)
        {
            var written = new List<Row>(batch.Count);
            foreach (var row in batch)
            {
                written.Add(row.Sim is null ? row : await InsertAsync(into, row));
            }
            return written;
        }
        List<Row> rows;
        try
        {
            rows = room < batch.Count || batch.Exists(row => row.Card?.UniqueName is not null)
                ? await ChangeSim.RetryAsync(() => WriteAsync(WriteOneByOneAsync))
                : await WriteAsync(into => InsertAllAsync(into, batch));
        }
        catch (NumberTakenException)
        {
            try
            {
                rows = await ChangeSim.RetryAsync(() => WriteAsync(WriteOneByOneAsync));
            }
            catch (DryRunException dry)
            {
                rows = dry.Rows;
            }
        }
        catch (DryRunException dry)
        {
            rows = dry.Rows;
        }
        if (!run.Options.DryRun)
        {
            _counts.AddOrUpdate(run.Account.Id, created, (_, count) => count + created);
            foreach (var lane in wake)
                jobs.Wake(lane);
        }
        foreach (var row in rows)
        {
            if (row.Refusal is { } refusal)
            {
                counts.Refused++;
                await refuse(refusal);
                continue;
            }
            if (row.Present)
                counts.Present++;
            else
                counts.Imported++;
            if (row.Updated)
                counts.Updated++;
            if (!row.Card!.Iccid.HasValidCheckDigit)
                counts.Warnings++;
        }
        await committed();
    }

    /// <summary>Gives how many more SIMs the account may have.</summary>
    private async ValueTask<long> RoomAsync(Run run, int wanted)
    {
        var account = run.Account;
        if (_counts.TryGetValue(account.Id, out var count) && (accounts.SimsMax - count >= wanted || run.Recounted))
            return accounts.SimsMax - count;
        run.Recounted = true;
        count = await database.ReadAsync(session => session.OneAsync(QuotaSql.Sims, row => row.Number(0), account.OrgId, account.Id));
        return accounts.SimsMax - (_counts[account.Id] = count);
    }

    /// <summary>A batch of which every card is new, as nearly all are: each table is written once.</summary>
    /// <exception cref="NumberTakenException">One is not: nothing was written.</exception>
    private async ValueTask<List<Row>> InsertAllAsync(Batch into, List<Row> batch)
    {
        var sims = new List<(Sim Sim, SimEvent Created)>(batch.Count);
        foreach (var row in batch)
        {
            if (row.Sim?.Created(ids.Next(into.Now), into.Now) is not { } sim)
                continue;
            sims.Add((sim, SimEvent.Created(ids.Next(into.Now), sim, into.Run.Actor, row.EventData!)));
            into.Created.Add(sim);
        }
        await InsertSims.RunAsync(into.Session, sims);
        return batch;
    }

    private async ValueTask<Row> InsertAsync(Batch into, Row row)
    {
        var session = into.Session;
        var sim = row.Sim!.Created(ids.Next(into.Now), into.Now);
        var taken = new List<DirectoryEntry>();
        foreach (var number in SimNumbers.Of(sim))
        {
            if (await session.ExecuteAsync(DirectorySql.Insert, DirectoryTable.Rows.Values(number)) > 0)
                taken.Add(number);
            else if (taken.Count == 0)
                return await CompareAsync(into, row);
            else
                return await GiveBackAsync(number.Kind, SimNumbers.Taken(number.Kind).Message);
        }
        if (into.Created.Count >= into.Room)
            return await GiveBackAsync("iccid", $"The account has {accounts.SimsMax} SIMs, and no more are allowed.");
        if (sim.UniqueName is { } name && await session.AnyAsync(SimSql.UniqueNameTaken, sim.OrgId, sim.AccountId, name, sim.Id))
            return await GiveBackAsync("unique_name", "Another SIM of the account has this unique_name. Choose another.");
        await session.ExecuteAsync(SimSql.Insert, SimTable.Rows.Values(sim));
        await session.LaterAsync(
            EventSql.Insert, EventTable.Rows.Values(SimEvent.Created(ids.Next(into.Now), sim, into.Run.Actor, row.EventData!)));
        into.Created.Add(sim);
        return row;

        async Task<Row> GiveBackAsync(string field, string reason)
        {
            await SimNumbers.GiveBackAsync(session, taken);
            return Refuse(row, field, reason);
        }
    }

    /// <summary>The ICCID is known: the same card again, one of which more is known now, or another one that claims to be it.</summary>
    private async ValueTask<Row> CompareAsync(Batch into, Row row)
    {
        var (card, options) = (row.Card!, into.Run.Options);
        var sim = await into.Session.OneAsync(SimSql.ByIccid, SimTable.Rows.Read, into.Run.Account.OrgId, card.Iccid.Value);
        if (sim is null)
            return Refuse(row, "iccid", "This ICCID belongs to another customer of this installation.");
        var matchingId = sim.SealedMatchingId is { } known ? secrets.Open(known) : null;
        var compared = CardAgain.Compare(
            card, sim, matchingId, row.Sim!.SealedMatchingId, options.Provider is not null, options.Update);
        if (compared.Error is { } differs)
            return Refuse(row, differs.Field!, differs.Message);
        if (ReferenceEquals(compared.Value, sim))
            return row with { Present = true };
        var error = await change.CorrectAsync(
            into.Session, sim, new SimInput.Corrected(compared.Value, into.Run.Actor), into.Now, into.Wake);
        return error switch
        {
            null => row with { Present = true, Updated = true },
            { Field: "UniqueName" } => Refuse(row, "unique_name", error.Message),
            _ => Refuse(row, error.Field!, error.Message),
        };
    }

    private static Row Refuse(Row row, string field, string reason) =>
        row with { Refusal = new Refusal(row.Line, row.Card!.Iccid.Value, field, reason) };

    /// <summary>A row of the file: refused, or ready to be written, and then written, or present before.</summary>
    private sealed record Row(Refusal? Refusal)
    {
        public int Line { get; init; }

        public SimCard? Card { get; init; }

        /// <summary>The SIM as it will be, but for its id and times; null: the row is refused.</summary>
        public Sim? Sim { get; init; }

        public string? EventData { get; init; }

        public bool Present { get; init; }

        /// <summary>The SIM was there, and was completed or corrected.</summary>
        public bool Updated { get; init; }
    }

    /// <summary>One import, from its first batch to its last.</summary>
    private sealed record Run(Account Account, ImportOptions Options, Actor Actor)
    {
        private readonly NumberSet _imsis = new();
        private readonly NumberSet _msisdns = new();

        /// <summary>The SIMs of the account were counted during this import.</summary>
        public bool Recounted { get; set; }

        /// <summary>The ICCIDs of the rows so far.</summary>
        public NumberSet Iccids { get; } = new();

        /// <summary>
        /// Takes the numbers of a card of a dry run, whose batches do not see one another. Gives the kind of a number that is taken, or
        /// null.
        /// </summary>
        public string? TakenBefore(SimCard card) =>
            card.Imsi is { } imsi && !_imsis.Add(imsi.Value) ? "imsi"
            : card.Msisdn is { } msisdn && !_msisdns.Add(msisdn.Value) ? "msisdn"
            : null;
    }

    /// <summary>A batch that is being written.</summary>
    /// <param name="Wake">Takes the lanes to wake after the commit.</param>
    /// <param name="Created">Takes the SIMs that are new.</param>
    /// <param name="Room">The most SIMs that may be new.</param>
    private sealed record Batch(Run Run, Session Session, DateTimeOffset Now, HashSet<Lane> Wake, List<Sim> Created, long Room);

    /// <summary>Takes a batch of a dry run back, whose rows are what would have become of it.</summary>
    private sealed class DryRunException(List<Row> rows) : Exception
    {
        public List<Row> Rows => rows;
    }
}
