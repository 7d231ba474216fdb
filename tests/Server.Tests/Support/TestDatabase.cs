using System.Security.Cryptography;
using Npgsql;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Postgres;

namespace Simkeeper.Server.Tests.Support;

/// <summary>A PostgreSQL database of one test's own, on the server that the test run has started.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    /// <summary>Names that server, and wants every test server to run on it. <c>./test</c> runs all tests a second time with it.</summary>
    private const string Variable = "SIMKEEPER_TEST_POSTGRES";

    private static readonly SemaphoreSlim One = new(1);
    private static string? _template;
    private readonly string _name;

    private TestDatabase(string name) => _name = name;

    public static bool IsWanted => Server is not null;

    public string ConnectionString => On(_name);

    private static string? Server => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } server ? server : null;

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
