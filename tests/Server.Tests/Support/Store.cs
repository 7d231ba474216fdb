using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Simkeeper.Server.Tests.Support;

/// <summary>A look into the store of a server that runs: what no API shows or makes yet.</summary>
internal sealed class Store : IDisposable
{
    private readonly DbConnection _connection;

    public Store(TestServer server)
    {
        _connection = server.Database is { } database
            ? new NpgsqlConnection(database + ";Pooling=false")
            : new SqliteConnection($"Data Source={Path.Combine(server.Data, "simkeeper.db")};Pooling=False");
        _connection.Open();
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>A rate plan of an account. Gives its sid.</summary>
    public static string AddPlan(
        TestServer server, string account, string? name = null, string metering = "payg", string strategy = "block",
        string narrowband = "none")
    {
        using var store = new Store(server);
        var id = Guid.CreateVersion7();
        using var command = store._connection.CreateCommand();
        command.CommandText = """
            insert into rate_plans
              (org_id, id, account_id, unique_name, data_metering, data_limit_strategy, narrowband, created_at, updated_at)
            select org_id, @id, id, @name, @metering, @strategy, @narrowband, 0, 0 from accounts where id = @account
            """;
        Add(command, "@id", id);
        Add(command, "@account", Guid.Parse(account[2..]));
        Add(command, "@name", name);
        Add(command, "@metering", metering);
        Add(command, "@strategy", strategy);
        Add(command, "@narrowband", narrowband);
        Assert.Equal(1, command.ExecuteNonQuery());
        return $"WP{id:N}";
    }

    /// <summary>A statement of the test's own.</summary>
    public static void Execute(TestServer server, string statement)
    {
        using var store = new Store(server);
        using var command = store._connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    /// <summary>The rows of a query, each as its values with bars between them. <c>$sim</c> is the SIM of this sid.</summary>
    public static IReadOnlyList<string> Rows(TestServer server, string query, string? sim = null)
    {
        using var store = new Store(server);
        using var command = store._connection.CreateCommand();
        command.CommandText = query.Replace("$sim", "@sim", StringComparison.Ordinal);
        if (sim is not null)
            Add(command, "@sim", Guid.Parse(sim[2..]));
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i))));
        return rows;
    }

    private static void Add(DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value is Guid id && parameter is SqliteParameter ? id.ToByteArray(bigEndian: true) : value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }
}

/// <summary>The outcome of deliveries.</summary>
internal static class Attempts
{
    /// <summary>Waits until a SIM's deliveries have had this many attempts and gives them.</summary>
    public static Task<IReadOnlyList<string>> AttemptsAsync(this TestServer server, string sid, int count) => Calls.UntilAsync(
        () => Task.FromResult(Store.Rows(server, """
            select number, status, answer, error from attempts a join deliveries d on d.id = a.delivery_id
            where sim_id = $sim order by number
            """, sid)),
        attempts => attempts.Count == count);
}
