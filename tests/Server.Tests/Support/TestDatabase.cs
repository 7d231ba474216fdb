using System.Security.Cryptography;
using Npgsql;
using Simkeeper.Server.Storage.Postgres;

namespace Simkeeper.Server.Tests.Support;

/// <summary>A PostgreSQL database of one test's own, on the server that the test run has started.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    /// <summary>Names that server.</summary>
    private const string ServerVariable = "SIMKEEPER_TEST_POSTGRES";

    /// <summary>Wants every test server to run on it, too: <c>./test</c> runs the tests a second time with it.</summary>
    private const string StoreVariable = "SIMKEEPER_TEST_STORE";

    private static readonly SemaphoreSlim One = new(1);
    private static string? _template;
    private readonly string _name;

    private TestDatabase(string name) => _name = name;

    public static bool IsWanted => Environment.GetEnvironmentVariable(StoreVariable) == "postgres";

    public string ConnectionString => On(_name);

    private static string Server
    {
        get
        {
            if (Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } server)
                return server;
            if (Environment.GetEnvironmentVariable("CI") == "true")
                Assert.Fail($"{ServerVariable} names no PostgreSQL server.");
            Assert.Skip($"{ServerVariable} names no PostgreSQL server; ./test starts one.");
            return "";
        }
    }

    /// <summary>Makes a database with the schema in it.</summary>
    public static async Task<TestDatabase> CreateAsync()
    {
        var name = NewName();
        await One.WaitAsync();
        try
        {
            _template ??= await CreateTemplateAsync();
            await ExecuteAsync($"create database {name} template {_template}");
        }
        finally
        {
            One.Release();
        }
        return new TestDatabase(name);
    }

    /// <summary>Makes a database with nothing in it.</summary>
    public static async Task<TestDatabase> CreateEmptyAsync()
    {
        var name = NewName();
        await ExecuteAsync($"create database {name}");
        return new TestDatabase(name);
    }

    /// <summary>A wire to its server.</summary>
    public static Wire Wire() => new(new NpgsqlConnectionStringBuilder(Server).Host!);

    /// <summary>This database, at the other end of a wire, with the short waits that a server has by default.</summary>
    public string Over(Wire wire) =>
        new NpgsqlConnectionStringBuilder(Server) { Database = _name, Host = "127.0.0.1", Port = wire.Port }.ToString();

    /// <summary>Ends every connection to it, as a restart of the server would.</summary>
    public Task EndConnectionsAsync() => ExecuteAsync($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{_name}'");

    /// <summary>The rows of a query, each as its values with bars between them.</summary>
    public async Task<IReadOnlyList<string>> RowsAsync(string query)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(query, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i))));
        return rows;
    }

    public async ValueTask DisposeAsync() => await ExecuteAsync($"drop database {_name} with (force)");

    private static async Task<string> CreateTemplateAsync()
    {
        var template = NewName();
        await ExecuteAsync($"create database {template}");
        await using (await PostgresDatabase.OpenAsync(On(template) + ";Pooling=false", TimeProvider.System))
            return template;
    }

    private static string NewName() => "test_" + RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>The machine is busy with tests: a statement may take long, and a server keeps no connection it does not use.</summary>
    private static string On(string database) =>
        $"{Server};Database={database};Timeout=15;Command Timeout=30;Maximum Pool Size=20";

    private static async Task ExecuteAsync(string text)
    {
        await using var connection = new NpgsqlConnection($"{Server};Database=postgres;Pooling=false;Command Timeout=60");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync();
    }
}
