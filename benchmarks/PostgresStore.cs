using Npgsql;

namespace Simkeeper.Bench;

/// <summary>Databases with SIMs in them, on the server that <c>./bench --postgres</c> has started.</summary>
internal sealed class PostgresStore
{
    public static readonly Guid Master = Guid.ParseExact("1".PadLeft(32, '0'), "N");

    private const string ServerVariable = "SIMKEEPER_BENCH_POSTGRES";

    /// <summary>When the first SIM was made; each next one a millisecond later.</summary>
    private const long FirstAt = 1_750_000_000_000;

    /// <summary>
    /// One org; a tenth of the SIMs is a subaccount's. Every SIM has a timer that is not due. It is filled without the secondary
    /// indexes: those are made in the end, as the planner's statistics are.
    /// </summary>
    private static readonly string Fill = $$"""
        create temp table kept as select indexname, indexdef from pg_indexes
        where schemaname = 'public' and tablename in ('sims', 'jobs') and indexname not like '%_pkey';
        do $do$ declare name text; begin for name in select indexname from kept loop execute 'drop index ' || name; end loop; end $do$;
        insert into sims (org_id, id, account_id, iccid, imsi, msisdn, type, provider, unique_name, friendly_name, status, shown,
          status_since, resetting, narrowband, metadata, smdp_address, sealed_matching_id, confirmation_code_required, profile_status,
          qr_counter, commands, data_bytes, suspension_noticed, updated_at, version)
        select '{{Master}}', {{IdOfI}}, ('00000000-0000-0000-0000-00000000000' || case when i % 10 = 9 then 2 else 1 end)::uuid,
          '8988213' || lpad(i::text, 12, '0'), '99970' || lpad(i::text, 10, '0'), '88213' || lpad(i::text, 10, '0'), 'eSIM',
          (array['p3', 'p14', 'p15', 'lab-hlr'])[1 + i % 4], 'meter-' || i, 'Meter ' || i, status, status, {{FirstAt}} + i, 0, 0,
          '{"customer":"c-' || i % 1000 || '","site":"berlin-' || i % 37 || '"}', 'smdp.example.com',
          decode(repeat(md5(i::text), 7), 'hex'),
          0, 'unknown', 0, 0, 0, 0, {{FirstAt}} + i, 1
        from (select i, case when i / 4 % 20 < 12 then 'active' when i / 4 % 20 < 16 then 'new' when i / 4 % 20 < 18 then 'suspended'
          when i / 4 % 20 = 18 then 'deactivated' else 'canceled' end as status from generate_series(0, $1::bigint - 1) i) numbers;
        insert into jobs (org_id, kind, subject_id, lane, budget, due_at)
        select '{{Master}}', 'timer', {{IdOfI}}, 3, '', 4102444800000 + i from generate_series(0, $1::bigint - 1) i;
        do $do$ declare def text; begin for def in select indexdef from kept loop execute def; end loop; end $do$;
        """;

    private const string IdOfI = "(lpad(to_hex(1750000000000 + i), 12, '0') || '70008000' || lpad(to_hex(i), 12, '0'))::uuid";

    private PostgresStore(string name) => ConnectionString = On(name);

    public string ConnectionString { get; }

    /// <summary>A database with the sandbox's own rows and so many SIMs; one that is there already is taken as it is.</summary>
    public static async Task<PostgresStore> OpenAsync(Setup setup, string name, int sims)
    {
        var store = new PostgresStore(name);
        await using var server = NpgsqlDataSource.Create(On("postgres"));
        await using (var known = server.CreateCommand("select 1 from pg_database where datname = $1"))
        {
            known.Parameters.Add(new NpgsqlParameter { Value = name });
            if (await known.ExecuteScalarAsync() is not null)
                return store;
        }
        await using (var create = server.CreateCommand($"create database {name}"))
            await create.ExecuteNonQueryAsync();
        await (await store.ServeAsync(setup)).DisposeAsync();
        await store.ExecuteAsync(Fill.Replace("$1", sims.ToString(), StringComparison.Ordinal));
        await store.ExecuteAsync("vacuum analyze");
        return store;
    }

    /// <summary>The SIM of a number from 0, as the fill makes it.</summary>
    public static Guid IdOf(long number) => Guid.Parse($"{FirstAt + number:x12}70008000{number:x12}");

    /// <summary>The master account's SIMs among so many, oldest first.</summary>
    public static IReadOnlyList<Guid> MastersOf(int sims) =>
        [.. Enumerable.Range(0, sims).Where(number => number % 10 != 9).Select(number => IdOf(number))];

    public Task<ServerProcess> ServeAsync(Setup setup) => ServerProcess.StartAsync(
        setup.Program, Directory.CreateDirectory(Path.Combine(setup.Scratch, Guid.NewGuid().ToString("N"))).FullName,
        database: ConnectionString);

    public async Task<long> ExecuteAsync(string statement)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false;Command Timeout=0");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        return await command.ExecuteScalarAsync() is long number ? number : 0;
    }

    private static string On(string database)
    {
        var server = Environment.GetEnvironmentVariable(ServerVariable)
            ?? throw new InvalidOperationException($"{ServerVariable} names no server.");
        return $"{server};Database={database}";
    }
}
