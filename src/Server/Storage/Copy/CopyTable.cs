using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace Simkeeper.Server.Storage.Copy;

/// <summary>A table of both stores: its columns, and the columns of its key, which give both sides the same order.</summary>
internal sealed class CopyTable
{
    private readonly string[] _types;
    private readonly int[] _key;

    /// <param name="source">The embedded store, from which the columns are read.</param>
    public CopyTable(SqliteConnection source, string name)
    {
        Name = name;
        using var command = source.CreateCommand();
        command.CommandText = $"select name, type, pk from pragma_table_info('{name}') order by cid";
        using var reader = command.ExecuteReader();
        var columns = new List<(string Name, string Type, int Key)>();
        while (reader.Read())
            columns.Add((reader.GetString(0), reader.GetString(1).ToLowerInvariant(), reader.GetInt32(2)));
        Columns = [.. columns.Select(column => column.Name)];
        _types = [.. columns.Select(column => column.Type)];
        _key = [.. Enumerable.Range(0, columns.Count).Where(i => columns[i].Key > 0).OrderBy(i => columns[i].Key)];
    }

    public string Name { get; }

    public IReadOnlyList<string> Columns { get; }

    private string Key => string.Join(", ", _key.Select(i => Columns[i]));

    public long Count(SqliteConnection source)
    {
        using var command = source.CreateCommand();
        command.CommandText = $"select count(*) from {Name}";
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>The next rows of the embedded store after this key, in the order of the key.</summary>
    public List<object?[]> Read(SqliteConnection source, object?[]? after, int limit)
    {
        using var command = source.CreateCommand();
        command.CommandText = $"select {string.Join(", ", Columns)} from {Name}{After(after, command)} order by {Key} limit {limit}";
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
            rows.Add([.. Enumerable.Range(0, Columns.Count).Select(i => reader.IsDBNull(i) ? null : Value(reader, i))]);
        return rows;
    }

    /// <summary>The rows of PostgreSQL after one key and up to another; without the second key, to the end.</summary>
    public async Task<List<object?[]>> ReadAsync(NpgsqlConnection target, object?[]? after, object?[]? upTo, int limit)
    {
        await using var command = new NpgsqlCommand { Connection = target };
        var between = Between(after, upTo, command);
        command.CommandText = $"select {string.Join(", ", Columns)} from {Name}{between} order by {Key} limit {limit}";
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object?[]>();
        while (await reader.ReadAsync())
            rows.Add([.. Enumerable.Range(0, Columns.Count).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
        return rows;
    }

    /// <summary>Deletes the rows of PostgreSQL after one key and up to another; without the second key, to the end.</summary>
    public async Task DeleteAsync(NpgsqlConnection target, object?[]? after, object?[]? upTo)
    {
        await using var delete = new NpgsqlCommand { Connection = target };
        delete.CommandText = $"delete from {Name}{Between(after, upTo, delete)}";
        await delete.ExecuteNonQueryAsync();
    }

    /// <summary>Writes these rows to PostgreSQL, all or none.</summary>
    public async Task WriteAsync(NpgsqlConnection target, IReadOnlyList<object?[]> rows)
    {
        await using var copy = await target.BeginBinaryImportAsync(
            $"copy {Name} ({string.Join(", ", Columns)}) from stdin (format binary)");
        foreach (var row in rows)
        {
            await copy.StartRowAsync();
            for (var i = 0; i < row.Length; i++)
            {
                if (row[i] is { } value)
                    await copy.WriteAsync(value, DbType(i));
                else
                    await copy.WriteNullAsync();
            }
        }
        await copy.CompleteAsync();
    }

    /// <summary>The values of the key in a row.</summary>
    public object?[] KeyOf(object?[] row) => [.. _key.Select(i => row[i])];

    /// <summary>Adds rows to a checksum: each value with its type and length, so that no two different rows look the same.</summary>
    public static void AddTo(IncrementalHash checksum, IEnumerable<object?[]> rows)
    {
        Span<byte> head = stackalloc byte[5];
        foreach (var value in rows.SelectMany(row => row))
        {
            var bytes = value switch
            {
                null => [],
                Guid id => id.ToByteArray(bigEndian: true),
                string text => Encoding.UTF8.GetBytes(text),
                long number => BitConverter.GetBytes(number),
                byte[] blob => blob,
                _ => throw new InvalidDataException($"A value of {value.GetType()} is not of our schema."),
            };
            head[0] = (byte)(value is null ? 0 : 1);
            BitConverter.TryWriteBytes(head[1..], bytes.Length);
            checksum.AppendData(head);
            checksum.AppendData(bytes);
        }
    }

    private NpgsqlDbType DbType(int column) => _types[column] switch
    {
        "uuid" => NpgsqlDbType.Uuid,
        "text" => NpgsqlDbType.Text,
        "bytea" => NpgsqlDbType.Bytea,
        "bigint" => NpgsqlDbType.Bigint,
        var other => throw new InvalidDataException($"The type {other} is not of our schema."),
    };

    private object Value(SqliteDataReader reader, int column) => _types[column] switch
    {
        "uuid" => new Guid(reader.GetFieldValue<byte[]>(column), bigEndian: true),
        "text" => reader.GetString(column),
        "bytea" => reader.GetFieldValue<byte[]>(column),
        _ => reader.GetInt64(column),
    };

    private string After(object?[]? key, SqliteCommand command)
    {
        if (key is null)
            return "";
        for (var i = 0; i < key.Length; i++)
            command.Parameters.AddWithValue($"@after_{i}", key[i] is Guid id ? id.ToByteArray(bigEndian: true) : key[i]);
        return $" where ({Key}) > ({string.Join(", ", key.Select((_, i) => $"@after_{i}"))})";
    }

    private string Between(object?[]? after, object?[]? upTo, NpgsqlCommand command)
    {
        var conditions = new List<string>();
        void Add(string comparison, object?[]? key)
        {
            if (key is null)
                return;
            var names = key.Select((_, i) => $"@{(comparison == ">" ? "after" : "up_to")}_{i}").ToList();
            for (var i = 0; i < key.Length; i++)
                command.Parameters.AddWithValue(names[i], DbType(_key[i]), key[i]!);
            conditions.Add($"({Key}) {comparison} ({string.Join(", ", names)})");
        }
        Add(">", after);
        Add("<=", upTo);
        return conditions.Count == 0 ? "" : " where " + string.Join(" and ", conditions);
    }
}
