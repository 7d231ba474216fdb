using Simkeeper.Core;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims.Import;

/// <summary>How an import went, so far or in the end.</summary>
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
    Database database, Secrets secrets, SimClock clock, IdGenerator ids, JobQueue jobs, SimFollowers followers, SimSettings settings, SandboxSettings sandbox)
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
        Account account, CardFile file, string? provider, Actor actor, ImportCounts counts, Func<Refusal, Task> refuse, Func<Task> committed,
        CancellationToken stop)
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

    /// <summary>All that needs no transaction, so that the writer's thread is free for others: checks, encryption, the event's text.</summary>
    private Row Check(Account account, CardLine line, string? provider)
    {
        if (line.Row is not { } row)
            return new Row(line.Refusal);
        var read = SimCard.Read(row, provider ?? (sandbox.Enabled ? "test" : null), settings.RefuseLuhn);
        if (read.Error is { } error)
            return new Row(Refusal.Of(row, error));
        var sim = NewSim(account, read.Value);
        return new Row(null) { Source = row, Card = read.Value, Sim = sim, EventData = ChangeSim.EventData(null, sim) };
    }

    private async Task WriteAsync(
        Account account, List<Row> batch, bool providerGiven, Actor actor, ImportCounts counts, Func<Refusal, Task> refuse,
        Func<Task> committed)
    {
        var now = clock.Now;
        var wake = new HashSet<Lane>();
        Task<List<Outcome>> WriteAsync(Func<Session, List<Sim>, ValueTask<List<Outcome>>> write) => database.WriteAsync(async session =>
        {
            wake.Clear();
            var created = new List<Sim>(batch.Count);
            var written = await write(session, created);
            if (created.Count > 0)
                await followers.CreatedAsync(session, new SimsCreated(account.OrgId, account.Id, created, now, wake));
            return written;
        });
        async ValueTask<List<Outcome>> WriteOneByOneAsync(Session session, List<Sim> created)
        {
            var written = new List<Outcome>(batch.Count);
            foreach (var row in batch)
            {
                written.Add(row.Card is null
                    ? new Outcome(row.Refusal)
                    : await InsertAsync(session, account, row, providerGiven, actor, created, now));
            }
            return written;
        }
        List<Outcome> outcomes;
        try
        {
            outcomes = batch.Exists(row => row.Card?.UniqueName is not null)
                ? await WriteAsync(WriteOneByOneAsync)
                : await WriteAsync((session, created) => InsertAllAsync(session, account, batch, actor, created, now));
        }
        catch (NotAllNewException)
        {
            outcomes = await WriteAsync(WriteOneByOneAsync);
        }
        foreach (var lane in wake)
            jobs.Wake(lane);
        for (var i = 0; i < batch.Count; i++)
        {
            var outcome = outcomes[i];
            if (outcome.Refusal is { } refusal)
            {
                counts.Refused++;
                await refuse(refusal);
                continue;
            }
            if (outcome.Present)
                counts.Present++;
            else
                counts.Imported++;
            if (!batch[i].Card!.Iccid.HasValidCheckDigit)
                counts.Warnings++;
        }
        await committed();
    }

    /// <summary>A batch of which every card is new, as nearly all are: each table is written once.</summary>
    /// <exception cref="NotAllNewException">Something of it is taken: nothing was written.</exception>
    private async ValueTask<List<Outcome>> InsertAllAsync(
        Session session, Account account, List<Row> batch, Actor actor, List<Sim> created, DateTimeOffset now)
    {
        List<object?[]> taken = [], events = [];
        foreach (var row in batch)
        {
            if (row.Card is null)
                continue;
            var sim = Created(row.Sim!, ids.Next(now), now);
            created.Add(sim);
            events.Add(ChangeSim.EventValues(ids.Next(now), sim, EventTypes.Created, actor, row.EventData!));
            (string, string?)[] values = [("iccid", sim.Iccid), ("imsi", sim.Imsi), ("msisdn", sim.Msisdn)];
            foreach (var (kind, value) in values)
            {
                if (value is not null)
                    taken.Add([kind, value, account.OrgId, sim.Id]);
            }
        }
        if (await session.InsertAsync(AccountSql.InsertDirectory, taken) != taken.Count)
            throw new NotAllNewException();
        await session.InsertAsync(SimSql.Insert, created.ConvertAll(SimSql.Values));
        await session.InsertAsync(SimSql.InsertEvent, events);
        return batch.ConvertAll(row => new Outcome(row.Refusal));
    }

    private static Sim Created(Sim sim, Guid id, DateTimeOffset now)
    {
        var createdAt = Ids.CreatedAt(id);
        return sim with { Id = id, StatusSince = createdAt, UpdatedAt = createdAt > now ? createdAt : now };
    }

    private async ValueTask<Outcome> InsertAsync(
        Session session, Account account, Row row, bool providerGiven, Actor actor, List<Sim> created, DateTimeOffset now)
    {
        var card = row.Card!;
        var id = ids.Next(now);
        Task<bool> Take(string kind, string value) => TakeAsync(kind, value);
        async Task<bool> TakeAsync(string kind, string value) =>
            await session.ExecuteAsync(AccountSql.InsertDirectory, kind, value, account.OrgId, id) == 1;

        if (!await Take("iccid", card.Iccid.Value))
            return await CompareAsync(session, account, row, providerGiven);
        if (card.Imsi is { } imsi && !await Take("imsi", imsi.Value))
            return await GiveBackAsync("imsi");
        if (card.Msisdn is { } msisdn && !await Take("msisdn", msisdn.Value))
            return await GiveBackAsync("msisdn", ("imsi", card.Imsi?.Value));
        if (card.UniqueName is { } name && await session.AnyAsync(SimSql.UniqueNameTaken, account.OrgId, account.Id, name.Value, id))
            return await GiveBackAsync("unique_name", ("imsi", card.Imsi?.Value), ("msisdn", card.Msisdn?.Value));
        var sim = Created(row.Sim!, id, now);
        await session.ExecuteAsync(SimSql.Insert, SimSql.Values(sim));
        await ChangeSim.InsertEventAsync(session, ids.Next(now), sim, EventTypes.Created, actor, row.EventData!);
        created.Add(sim);
        return new Outcome(null);

        async Task<Outcome> GiveBackAsync(string takenField, params (string Kind, string? Value)[] also)
        {
            await session.ExecuteAsync(AccountSql.DeleteDirectory, "iccid", card.Iccid.Value);
            foreach (var (kind, value) in also)
            {
                if (value is not null)
                    await session.ExecuteAsync(AccountSql.DeleteDirectory, kind, value);
            }
            return Refuse(row, takenField, takenField == "unique_name"
                ? "Another SIM of the account has this unique_name. Choose another."
                : $"Another SIM has this {takenField}. Correct it, or cancel that SIM first.");
        }
    }

    /// <summary>The ICCID is known: the same card again, or another one that claims to be it.</summary>
    private async ValueTask<Outcome> CompareAsync(Session session, Account account, Row row, bool providerGiven)
    {
        var card = row.Card!;
        var sim = await session.OneAsync(SimSql.ByIccid, SimSql.Read, account.OrgId, card.Iccid.Value);
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
                var name = ImportColumns.NameOf(column);
                return Refuse(row, name, $"The SIM with this ICCID is there already, with another {name}.");
            }
        }
        return new Outcome(null, Present: true);
    }

    private static Outcome Refuse(Row row, string field, string reason) =>
        new(new Refusal(row.Source!.Line, row.Card!.Iccid.Value, field, reason));

    /// <summary>The SIM as it will be, but for its id and times.</summary>
    private Sim NewSim(Account account, SimCard card) => new()
    {
        OrgId = account.OrgId,
        Id = default,
        AccountId = account.Id,
        Iccid = card.Iccid.Value,
        Imsi = card.Imsi?.Value,
        Msisdn = card.Msisdn?.Value,
        Eid = card.Eid?.Value,
        Type = card.Type,
        Provider = card.Provider,
        UniqueName = card.UniqueName?.Value,
        FriendlyName = card.FriendlyName,
        StatusSince = default,
        Narrowband = card.Narrowband,
        RegistrationCode = card.RegistrationCode,
        User = card.User,
        IpAddress = card.IpAddress?.Value,
        Metadata = card.Metadata,
        SmdpAddress = card.SmdpAddress,
        SealedMatchingId = card.MatchingId is { } secret ? secrets.Seal(secret) : null,
        ConfirmationCodeRequired = card.ConfirmationCodeRequired,
        UpdatedAt = default,
    };

    /// <summary>A row of the file: refused already, or ready to be written.</summary>
    private sealed record Row(Refusal? Refusal)
    {
        public ImportRow? Source { get; init; }

        public SimCard? Card { get; init; }

        public Sim? Sim { get; init; }

        public string? EventData { get; init; }
    }

    private sealed class NotAllNewException : Exception;

    private sealed record Outcome(Refusal? Refusal, bool Present = false);
}
