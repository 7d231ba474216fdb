using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Postgres;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>The one map of each table says what the table has, and what is written by it is read by it.</summary>
public abstract partial class TableTests : IAsyncLifetime
{
    /// <summary>Columns that hold more than any text.</summary>
    private static readonly Dictionary<string, string[]> Texts = new()
    {
        ["accounts.status"] = ["suspended", "closed"],
        ["commands.direction"] = ["from_sim", "from_sim"],
        ["commands.include_sid"] = ["start", "end"],
        ["commands.mode"] = ["binary", "binary"],
        ["commands.status"] = ["sent", "failed"],
        ["credentials.kind"] = ["kore", "client"],
        ["credentials.role"] = ["write", "write"],
        ["data_periods.in_effect"] = ["throttle home", "block home,national"],
        ["data_periods.wanted"] = ["block international", "throttle national,international"],
        ["operations.kind"] = ["reset", "reset"],
        ["operations.state"] = ["refused", "withdrawn"],
        ["operations.wanted"] = ["ready", "active"],
        ["rate_plans.data_limit_strategy"] = ["throttle", "throttle"],
        ["rate_plans.international_roaming"] = ["data,voice", "messaging"],
        ["rate_plans.narrowband"] = ["annual", "developer"],
        ["sims.hooks"] = ["""{"sms_url":"https://a.example"}""", """{"voice_url":"https://b.example"}"""],
        ["sims.metadata"] = ["""{"b":"1","a":"2"}""", """{"c":"3"}"""],
        ["sims.profile_status"] = ["enabled", "disabled"],
        ["sims.shown"] = ["updating", "scheduled"],
        ["sims.status"] = ["ready", "suspended"],
        ["sims.type"] = ["pSIM", "pSIM"],
    };

    /// <summary>Columns that the room of the table knows nothing of, each with whose it is.</summary>
    private static readonly Dictionary<string, string> Others =
        new() { ["events.monitor_id"] = "Kore/MonitorSql marks what Monitor tells of" };

    /// <summary>All tables that have a map.</summary>
    private static readonly object[] Tables =
    [
        .. typeof(App).Assembly.GetTypes().Where(type => !type.ContainsGenericParameters)
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(field => field.FieldType.IsGenericType && field.FieldType.GetGenericTypeDefinition() == typeof(Table<>))
            .Select(field => field.GetValue(null)!),
    ];

    private Database _store = null!;

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract Task<Database> OpenAsync();

    /// <summary>The columns that the migrations have made.</summary>
    private protected abstract Task<IReadOnlyList<string>> ColumnsAsync(string table);

    [Fact]
    public Task Every_map_has_exactly_the_columns_of_its_table() => ForEachAsync(nameof(HasAllColumnsAsync));

    [Fact]
    public Task Every_column_is_read_as_it_was_written_and_an_update_changes_what_is_not_fixed() => ForEachAsync(nameof(RoundTripAsync));

    private async Task ForEachAsync(string check)
    {
        Assert.True(Tables.Length >= 14, "The maps were not found.");
        foreach (var table in Tables)
        {
            await (Task)typeof(TableTests).GetMethod(check, BindingFlags.Instance | BindingFlags.NonPublic)!
                .MakeGenericMethod(table.GetType().GetGenericArguments()).Invoke(this, [table])!;
        }
    }

    private async Task HasAllColumnsAsync<T>(Table<T> table) =>
        Assert.Equal(
            (await ColumnsAsync(table.Name)).Where(column => !Others.ContainsKey($"{table.Name}.{column}")).Order(),
            table.Columns.Split(", ").Order());

    private async Task RoundTripAsync<T>(Table<T> table)
    {
        var columns = table.Columns.Split(", ");
        var update = table.Update();
        var set = Set().Matches(update.Text[..update.Text.IndexOf(" where ", StringComparison.Ordinal)])
            .Select(match => match.Groups[1].Value).ToList();
        var key = update.Parameters.Select(name => name[1..]).Except([.. set, Columns.VersionName]).ToList();
        var select = table.Select($"where {string.Join(" and ", key.Select(name => $"{name} = @{name}"))}");
        var (before, after) = (new Sample(table.Name, columns, 1), new Sample(table.Name, columns, 2));
        var flags = table.Values(table.Read(before)).Index().Where(value => value.Item is bool).Select(value => columns[value.Index]);
        foreach (var name in flags)
            (before[name], after[name]) = (1L, 0L);
        foreach (var name in columns.Except(set))
            after[name] = before[name];
        async Task<IEnumerable<object?>> StoredAsync() => table.Values(Assert.Single(await _store.ReadAsync(
            session => session.ListAsync(select, table.Read, [.. key.Select(name => before[name])])))).Select(Stored);

        await _store.WriteAsync(session => session.ExecuteAsync(table.Insert(), table.Values(table.Read(before))));
        Assert.Equal(before.Values, await StoredAsync());
        if (set.Count == 0)
            return;
        Assert.Equal(1, await _store.WriteAsync(session => session.ExecuteAsync(update, table.UpdateValues(table.Read(after)))));
        if (columns.Contains(Columns.VersionName))
            after[Columns.VersionName] = (long)after[Columns.VersionName]! + 1;
        Assert.Equal(after.Values, await StoredAsync());

        // Another map of the same table begins without the row.
        var delete = new Sql($"delete from {table.Name} where {string.Join(" and ", key.Select(name => $"{name} = @{name}"))}");
        await _store.WriteAsync(session => session.ExecuteAsync(delete, [.. key.Select(name => before[name])]));
    }

    /// <summary>A value as a store keeps it.</summary>
    private static object? Stored(object? value) => value switch
    {
        DateTimeOffset time => time.ToUnixTimeMilliseconds(),
        bool flag => flag ? 1L : 0L,
        int number => (long)number,
        _ => value,
    };

    [GeneratedRegex(@"(\w+) = @\1\b")]
    private static partial Regex Set();

    /// <summary>A row with a value of its own in each column, made when it is first read.</summary>
    /// <param name="number">Another number makes other values.</param>
    private sealed class Sample(string table, string[] columns, int number) : Row
    {
        private readonly object?[] _values = new object?[columns.Length];

        public IEnumerable<object?> Values => _values;

        public object? this[string column]
        {
            get => _values[Array.IndexOf(columns, column)];
            set => _values[Array.IndexOf(columns, column)] = value;
        }

        public override Guid? IdOrNull(int column) =>
            (Guid)(_values[column] ??= Guid.ParseExact($"{number:x16}{column + 1:x16}", "N"));

        public override string? TextOrNull(int column) => (string)(_values[column] ??=
            Texts.TryGetValue($"{table}.{columns[column]}", out var texts) ? texts[number - 1] : $"{columns[column]} {number}");

        public override long? NumberOrNull(int column) => (long)(_values[column] ??= (1000L * number) + column);

        public override byte[]? BytesOrNull(int column) => (byte[])(_values[column] ??= new byte[] { (byte)number, (byte)column });
    }
}

[SqliteOnly]
public sealed class SqliteTableTests : TableTests
{
    private readonly TestFolder _folder = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    private protected override Task<Database> OpenAsync() =>
        Task.FromResult<Database>(SqliteDatabase.Open(_folder.Path, TimeProvider.System, NullLogger.Instance));

    private protected override Task<IReadOnlyList<string>> ColumnsAsync(string table)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.Of("simkeeper.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"select name from pragma_table_info('{table}')";
        using var reader = command.ExecuteReader();
        var columns = new List<string>();
        while (reader.Read())
            columns.Add(reader.GetString(0));
        return Task.FromResult<IReadOnlyList<string>>(columns);
    }
}

[SqliteOnly]
public sealed class PostgresTableTests : TableTests
{
    private TestDatabase _database = null!;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _database.DisposeAsync();
    }

    private protected override async Task<Database> OpenAsync()
    {
        _database = await TestDatabase.CreateAsync();
        return await PostgresDatabase.OpenAsync(_database.ConnectionString, TimeProvider.System);
    }

    private protected override Task<IReadOnlyList<string>> ColumnsAsync(string table) => _database.RowsAsync(
        $"select column_name from information_schema.columns where table_schema = 'public' and table_name = '{table}'");
}
