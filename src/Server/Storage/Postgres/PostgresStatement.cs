using System.Collections.Concurrent;
using Npgsql;
using NpgsqlTypes;

namespace Simkeeper.Server.Storage.Postgres;

/// <summary>A statement as PostgreSQL takes it: its parameters by number, each of the type that the server itself gives it.</summary>
internal sealed class PostgresStatement
{
    private readonly string _text;
    private readonly NpgsqlDbType[] _types;

    private PostgresStatement(string text, NpgsqlDbType[] types)
    {
        _text = text;
        _types = types;
    }

    /// <summary>Asks the server, once for each statement of a process, so that a null has a type and is planned like any other value.</summary>
    public static PostgresStatement Of(Sql sql, NpgsqlConnection connection, ConcurrentDictionary<Sql, PostgresStatement> known)
    {
        if (known.TryGetValue(sql, out var statement))
            return statement;
        var text = PostgresDialect.Statement(sql);
        using var command = new NpgsqlCommand(text, connection);
        if (sql.Parameters.Count > 0)
            NpgsqlCommandBuilder.DeriveParameters(command);
        return known.GetOrAdd(sql, new PostgresStatement(sql.NumberParameters(text), [.. command.Parameters.Select(parameter => parameter.NpgsqlDbType)]));
    }

    /// <summary>The command with its values; ids are uuid, texts text, bytes bytea, all else bigint.</summary>
    public NpgsqlCommand Command(NpgsqlConnection connection, ReadOnlySpan<object?> values)
    {
        if (values.Length != _types.Length)
            throw new ArgumentException($"{_types.Length} values expected, {values.Length} given: {_text}");
        var command = new NpgsqlCommand(_text, connection);
        for (var i = 0; i < values.Length; i++)
            command.Parameters.Add(Parameter(values[i], _types[i]));
        return command;
    }

    private static NpgsqlParameter Parameter(object? value, NpgsqlDbType type) => value switch
    {
        null => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = type },
        string text => new NpgsqlParameter<string> { TypedValue = text, NpgsqlDbType = type },
        Guid id => new NpgsqlParameter<Guid> { TypedValue = id, NpgsqlDbType = type },
        DateTimeOffset time => Number(time.ToUnixTimeMilliseconds(), type),
        bool flag => Number(flag ? 1 : 0, type),
        int number => Number(number, type),
        long number => Number(number, type),
        byte[] bytes => new NpgsqlParameter<byte[]> { TypedValue = bytes, NpgsqlDbType = type },
        _ => throw new ArgumentException($"No column type for {value.GetType()}."),
    };

    private static NpgsqlParameter<long> Number(long number, NpgsqlDbType type) => new() { TypedValue = number, NpgsqlDbType = type };
}
