using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims.Import;

/// <summary>The result of an import, so far or in the end.</summary>
internal sealed record ImportCounts
{
    public long Imported { get; set; }

    /// <summary>Rows whose SIM was there already, equal in every identity column the file has.</summary>
    public long Present { get; set; }

    public long Refused { get; set; }

    /// <summary>Rows taken in spite of a wrong check digit in the ICCID.</summary>
    public long Warnings { get; set; }

    public long Rows => Imported + Present + Refused;
}

/// <summary>
/// Brings the cards of a vendor's file into an account, in transactions of a few hundred. Safe to repeat and safe to kill: what was
/// committed is <c>present</c> the next time.
/// </summary>
internal sealed class ImportSims(
    Database database, Secrets secrets, SimClock clock, IdGenerator ids, JobQueue jobs, SimFollowers followers,
    SimSettings settings, SandboxSettings sandbox)
{
    /// <summary>Cards in one transaction: enough to make the commit cheap, few enough that other writers hardly wait.</summary>
    public const int BatchMax = 500;

    /// <param name="account">Who is to own the SIMs.</param>
    /// <param name="file">The file, its head read.</param>
    /// <param name="provider">The carrier of rows that name none; null: the default of the sandbox, or an error in each row.</param>
    /// <param name="counts">Counted up as batches are committed.</param>
    /// <param name="refuse">Told of every refused row, in the order of the file.</param>
    /// <param name="committed">Called after each transaction.</param>
    public async Task RunAsync(
        Account account, CardFile file, string? provider, Actor actor, ImportCounts counts, Func<Refusal, Task> refuse,
        Func<Task> committed, CancellationToken stop)
    {
        var batch = new List<Row>(BatchMax);
        var writing = Task.CompletedTask;
        async Task FlushAsync()
        {
            // The next batch is read while this one is written.
            await writing;
            var full = batch;
            batch = new List<Row>(BatchMax);
            writing = WriteAsync(account, full, provider is not null, actor, counts, refuse, committed);
        }
        try
        {
            await foreach (var line in file.ReadAsync(stop))
            {
                batch.Add(Check(account, line, provider));
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
    private Row Check(Account account, CardLine line, string? provider)
    {
        if (line.Row is not { } row)
            return new Row(line.Refusal);
        var read = SimCard.Read(row, provider ?? (sandbox.Enabled ? "test" : null), settings.RefuseLuhn);
        if (read.Error is { } error)
            return new Row(Refusal.Of(row, error));
        var sim = read.Value.ToSim(account.OrgId, account.Id, secrets.Seal);
        return new Row(null) { Line = row.Line, Card = read.Value, Sim = sim, EventData = ChangeSim.EventData(null, sim) };
    }

    private async Task WriteAsync(
        Account account, List<Row> batch, bool providerGiven, Actor actor, ImportCounts counts, Func<Refusal, Task> refuse,
        Func<Task> committed)
    {
        var now = clock.Now;
        var wake = new HashSet<Lane>();
        Task<List<Row>> WriteAsync(Func<Session, List<Sim>, ValueTask<List<Row>>> write) => database.WriteAsync(async session =>
        {
            wake.Clear();
            var created = new List<Sim>(batch.Count);
            var written = await write(session, created);
            if (created.Count > 0)
                await followers.CreatedAsync(session, new SimsCreated(account.OrgId, account.Id, created, now, wake));
            return written;
        });
        async ValueTask<List<Row>> WriteOneByOneAsync(Session session, List<Sim> created)
        {
            var written = new List<Row>(batch.Count);
            foreach (var row in batch)
            {
                written.Add(row.Sim is null ? row : await InsertAsync(session, account, row, providerGiven, actor, created, now));
            }
            return written;
        }
        List<Row> rows;
        try
        {
            rows = batch.Exists(row => row.Card?.UniqueName is not null)
                ? await WriteAsync(WriteOneByOneAsync)
                : await WriteAsync((session, created) => InsertAllAsync(session, account, batch, actor, created, now));
        }
        catch (NumberTakenException)
        {
            rows = await WriteAsync(WriteOneByOneAsync);
        }
        foreach (var lane in wake)
            jobs.Wake(lane);
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
            if (!row.Card!.Iccid.HasValidCheckDigit)
                counts.Warnings++;
        }
        await committed();
    }

    /// <summary>A batch of which every card is new, as nearly all are: each table is written once.</summary>
    /// <exception cref="NumberTakenException">One is not: nothing was written.</exception>
    private async ValueTask<List<Row>> InsertAllAsync(
        Session session, Account account, List<Row> batch, Actor actor, List<Sim> created, DateTimeOffset now)
    {
        var sims = new List<(Sim Sim, SimEvent Created)>(batch.Count);
        foreach (var row in batch)
        {
            if (row.Sim?.Created(ids.Next(now), now) is not { } sim)
                continue;
            sims.Add((sim, SimEvent.Created(ids.Next(now), sim, actor, row.EventData!)));
            created.Add(sim);
        }
        await InsertSims.RunAsync(session, sims);
        return batch;
    }

    private async ValueTask<Row> InsertAsync(
        Session session, Account account, Row row, bool providerGiven, Actor actor, List<Sim> created, DateTimeOffset now)
    {
        var sim = row.Sim!.Created(ids.Next(now), now);
        var taken = new List<DirectoryEntry>();
        foreach (var number in SimNumbers.Of(sim))
        {
            if (await session.ExecuteAsync(DirectorySql.Insert, DirectoryTable.Rows.Values(number)) == 0)
            {
                return taken.Count == 0
                    ? await CompareAsync(session, account, row, providerGiven)
                    : await GiveBackAsync(number.Kind, $"Another SIM has this {number.Kind}. Correct it, or cancel that SIM first.");
            }
            taken.Add(number);
        }
        if (sim.UniqueName is { } name && await session.AnyAsync(SimSql.UniqueNameTaken, account.OrgId, account.Id, name, sim.Id))
            return await GiveBackAsync("unique_name", "Another SIM of the account has this unique_name. Choose another.");
        await session.ExecuteAsync(SimSql.Insert, SimTable.Rows.Values(sim));
        await session.LaterAsync(
            EventSql.Insert, EventTable.Rows.Values(SimEvent.Created(ids.Next(now), sim, actor, row.EventData!)));
        created.Add(sim);
        return row;

        async Task<Row> GiveBackAsync(string field, string reason)
        {
            foreach (var number in taken)
                await session.ExecuteAsync(DirectorySql.Delete, number.Kind, number.Value);
            return Refuse(row, field, reason);
        }
    }

    /// <summary>The ICCID is known: the same card again, or another one that claims to be it.</summary>
    private async ValueTask<Row> CompareAsync(Session session, Account account, Row row, bool providerGiven)
    {
        var card = row.Card!;
        var sim = await session.OneAsync(SimSql.ByIccid, SimTable.Rows.Read, account.OrgId, card.Iccid.Value);
        if (sim is null)
            return Refuse(row, "iccid", "This ICCID belongs to another customer of this installation.");
        (ImportColumn Column, bool Equal)[] compared =
        [
            (ImportColumn.Imsi, sim.Imsi == card.Imsi?.Value),
            (ImportColumn.Msisdn, sim.Msisdn == card.Msisdn?.Value),
            (ImportColumn.Eid, sim.Eid == card.Eid?.Value),
            (ImportColumn.Type, sim.Type == card.Type),
            (ImportColumn.Provider, sim.Provider == card.Provider),
            (ImportColumn.SmdpAddress, sim.SmdpAddress == card.SmdpAddress),
            (ImportColumn.MatchingId, (sim.SealedMatchingId is { } known ? secrets.Open(known) : null) == card.MatchingId),
        ];
        foreach (var (column, equal) in compared)
        {
            var given = card.Columns.Contains(column) || (column == ImportColumn.Provider && providerGiven);
            if (given && !equal)
            {
                var name = column.ToWire();
                return Refuse(row, name, $"The SIM with this ICCID is there already, with another {name}.");
            }
        }
        return row with { Present = true };
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
    }
}
