using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Simkeeper.Core;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Dialects.Gigs;
using Simkeeper.Server.Sims;

namespace Simkeeper.Bench;

/// <summary>The floors on PostgreSQL: Npgsql with automatic preparation on the server's own schema, and nothing else.</summary>
internal sealed class BarePostgres(PostgresStore store) : IAsyncDisposable
{
    private static readonly Guid Org = PostgresStore.Master;

    private readonly NpgsqlDataSource _source =
        NpgsqlDataSource.Create(store.ConnectionString
            + ";Maximum Pool Size=64;No Reset On Close=true;Max Auto Prepare=50;Auto Prepare Min Usages=2");

    private int _readings;

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    /// <summary>An endpoint that reads just what the answer shows, for whoever asks.</summary>
    public async Task<WebApplication> ServeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async context =>
        {
            Ids.TryParseBase62("sim", context.Request.Path.Value!["/projects/sandbox/sims/".Length..], out var id);
            await using var command = _source.CreateCommand(
                "select iccid, provider, status, type, metadata, updated_at from sims where org_id = $1 and id = $2");
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Org });
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
            await using var reader = await command.ExecuteReaderAsync();
            if (!await reader.ReadAsync())
                throw new InvalidOperationException("The SIM to read is not there.");
            context.Response.ContentType = "application/json";
            await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
            json.WriteStartObject();
            json.WriteString("object", "sim");
            json.WriteString("id", Ids.ToBase62("sim", id));
            json.WritePropertyName("metadata");
            json.WriteRawValue(reader.GetString(4));
            json.WriteString("createdAt", GigsResources.Time(Ids.CreatedAt(id)));
            json.WriteString("iccid", reader.GetString(0));
            json.WriteString("provider", reader.GetString(1));
            json.WriteString("status", reader.GetString(2));
            json.WriteString("type", reader.GetString(3));
            json.WriteEndObject();
        });
        await app.StartAsync();
        return app;
    }

    /// <summary>Callers that read a SIM and write its metadata and the event of that as one statement, each its own transaction.</summary>
    public async Task<double> PatchesPerSecondAsync(IReadOnlyList<Guid> sims, int callers, TimeSpan span)
    {
        var watch = Stopwatch.StartNew();
        var done = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            for (; watch.Elapsed < span; count++)
                await PatchAsync(sims[Random.Shared.Next(sims.Count)]);
            return count;
        })));
        return done.Sum() / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Rows a second, each table copied at one go, in one transaction.</summary>
    public async Task<double> CopiedPerSecondAsync(int first, int count)
    {
        var sims = Enumerable.Range(first, count).Select(Inventory.Imported).ToList();
        var rows = sims.ConvertAll(sim => Bound(SimTable.Rows.Values(sim)));
        var events = sims.ConvertAll(sim => Bound(Inventory.CreatedEvent(sim)));
        var directory = sims.SelectMany(sim => new[]
        {
            Bound(["iccid", sim.Iccid, sim.OrgId, sim.Id]), Bound(["imsi", sim.Imsi, sim.OrgId, sim.Id]),
            Bound(["msisdn", sim.Msisdn, sim.OrgId, sim.Id]),
        }).ToList();
        var watch = Stopwatch.StartNew();
        await using var connection = await _source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await CopyAsync(connection, $"directory ({DirectoryTable.Rows.Columns})", directory);
        await CopyAsync(connection, $"sims ({SimTable.Rows.Columns})", rows);
        await CopyAsync(connection, $"events ({EventTable.Rows.Columns})", events);
        await transaction.CommitAsync();
        return count / watch.Elapsed.TotalSeconds;
    }

    private async Task PatchAsync(Guid id)
    {
        while (true)
        {
            await using var connection = await _source.OpenConnectionAsync();
            long version;
            string metadata;
            await using (var read = new NpgsqlCommand(
                $"select {SimTable.Rows.Columns} from sims where org_id = $1 and id = $2", connection))
            {
                Add(read, Org, id);
                await using var reader = await read.ExecuteReaderAsync();
                if (!await reader.ReadAsync())
                    throw new InvalidOperationException("The SIM to change is not there.");
                metadata = reader.GetString(reader.GetOrdinal("metadata"));
                version = reader.GetInt64(reader.GetOrdinal("version"));
            }
            var updated = $$"""{"customer":"c-1","site":"berlin-1","reading":"1700000000-{{Interlocked.Increment(ref _readings)}}"}""";
            await using var write = new NpgsqlCommand("""
                with changed as (
                  update sims set metadata = $3, updated_at = $4, version = version + 1 where org_id = $1 and id = $2 and version = $5
                  returning org_id, id, account_id)
                insert into events (org_id, id, sim_id, account_id, type, actor_kind, actor_sid, actor_address, data)
                select org_id, $6, id, account_id, 'sim.metadata', 'account', 'gpk_0000000000000000000000', '127.0.0.1', $7 from changed
                """, connection);
            Add(write, Org, id, updated, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), version, Inventory.NewId(),
                $$$"""{"previous":{"metadata":{{{metadata}}}},"updated":{"metadata":{{{updated}}}}}""");
            if (await write.ExecuteNonQueryAsync() == 1)
                return;
        }
    }

    private static void Add(NpgsqlCommand command, params object[] values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(value switch
            {
                Guid id => new NpgsqlParameter<Guid> { TypedValue = id },
                long number => new NpgsqlParameter<long> { TypedValue = number },
                _ => new NpgsqlParameter<string> { TypedValue = (string)value },
            });
        }
    }

    private static async Task CopyAsync(NpgsqlConnection connection, string into, List<object?[]> rows)
    {
        await using var copy = await connection.BeginBinaryImportAsync($"copy {into} from stdin (format binary)");
        foreach (var row in rows)
        {
            await copy.StartRowAsync();
            foreach (var value in row)
            {
                await (value switch
                {
                    null => copy.WriteNullAsync(),
                    Guid id => copy.WriteAsync(id, NpgsqlDbType.Uuid),
                    long number => copy.WriteAsync(number, NpgsqlDbType.Bigint),
                    string text => copy.WriteAsync(text, NpgsqlDbType.Text),
                    _ => copy.WriteAsync((byte[])value, NpgsqlDbType.Bytea),
                });
            }
        }
        await copy.CompleteAsync();
    }

    private static object?[] Bound(object?[] values) => [.. values.Select(value => value switch
    {
        DateTimeOffset time => time.ToUnixTimeMilliseconds(),
        bool flag => flag ? 1L : 0L,
        int number => (long)number,
        _ => value,
    })];
}
