using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace Simkeeper.Server.Storage.Postgres;

/// <summary>A statement in PostgreSQL's form: its parameters are numbered, each with the type that the server itself gives it.</summary>
internal sealed partial class PostgresStatement
{
    /// <summary>
    /// Replaces NUL, which PostgreSQL's text cannot have. No stored text has a NUL, so a search for one is to find nothing.
    /// </summary>
    private const char NoCharacter = '\uFFFF';

    private readonly string _text;
    private readonly NpgsqlDbType[] _types;
    private readonly string _mustChange;

    private PostgresStatement(string text, NpgsqlDbType[] types)
    {
        _text = text;
        _types = types;
        _mustChange = $"with changed as ({text} returning 1) select 1 / count(*) from changed";
    }

    /// <summary>
    /// Asks the server for the types, once for each statement of a process, so that a null has a type and is planned like any other value.
    /// </summary>
    public static PostgresStatement Of(Sql sql, NpgsqlConnection connection, ConcurrentDictionary<Sql, PostgresStatement> known)
    {
        if (known.TryGetValue(sql, out var statement))
            return statement;
        var text = PostgresDialect.Statement(sql);
        using var command = new NpgsqlCommand(text, connection);
        if (sql.Parameters.Count > 0)
            NpgsqlCommandBuilder.DeriveParameters(command);
        return known.GetOrAdd(sql, new PostgresStatement(
            sql.NumberParameters(text), [.. command.Parameters.Select(parameter => parameter.NpgsqlDbType)]));
    }

    /// <summary>The command with its values: ids are uuid, texts text, bytes bytea, all else bigint.</summary>
    public NpgsqlCommand Command(NpgsqlConnection connection, ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlCommand(_text, connection);
        Bind(command.Parameters, values);
        return command;
    }

    /// <summary>The command in a form to be sent with others.</summary>
    /// <param name="mustChange">
    /// True: the command divides by zero if it changes no row, so that nothing sent after it is done, up to the commit.
    /// </param>
    public NpgsqlBatchCommand Part(ReadOnlySpan<object?> values, bool mustChange = false)
    {
        var command = new NpgsqlBatchCommand(mustChange ? _mustChange : _text);
        Bind(command.Parameters, values);
        return command;
    }

    /// <summary>An insert of many rows, in one statement: a parameter for each column, with the values of all rows.</summary>
    public NpgsqlCommand InsertCommand(NpgsqlConnection connection, IReadOnlyList<object?[]> rows)
    {
        var insert = Insert().Match(_text);
        var types = _types.Select((type, i) => $"${i + 1}::{type.ToString().ToLowerInvariant()}[]");
        var command = new NpgsqlCommand(
            $"{insert.Groups["into"].Value} select * from unnest({string.Join(", ", types)}) order by 1, 2 {insert.Groups["then"].Value}",
            connection);
        for (var i = 0; i < _types.Length; i++)
        {
            var column = i;
            object values = _types[i] switch
            {
                NpgsqlDbType.Text => rows.Select(row => (string?)row[column]).ToArray(),
                NpgsqlDbType.Uuid => rows.Select(row => (Guid?)row[column]).ToArray(),
                var type => throw new NotSupportedException($"No many values of {type}."),
            };
            command.Parameters.Add(new NpgsqlParameter { Value = values, NpgsqlDbType = NpgsqlDbType.Array | _types[i] });
        }
        return command;
    }

    /// <summary>The command that copies rows, for an insert whose rows cannot exist yet.</summary>
    public string? CopyText() =>
        Insert().Match(_text) is { Success: true } insert && insert.Groups["then"].Length == 0
            ? $"copy {insert.Groups["into"].Value["insert into ".Length..]} from stdin (format binary)"
            : null;

    /// <summary>Writes a row to be copied.</summary>
    public async Task CopyAsync(NpgsqlBinaryImporter copy, object?[] row)
    {
        await copy.StartRowAsync();
        for (var i = 0; i < row.Length; i++)
        {
            await (row[i] switch
            {
                null => copy.WriteNullAsync(),
                string text => copy.WriteAsync(text.Replace('\0', NoCharacter), _types[i]),
                Guid id => copy.WriteAsync(id, _types[i]),
                DateTimeOffset time => copy.WriteAsync(time.ToUnixTimeMilliseconds(), _types[i]),
                bool flag => copy.WriteAsync(flag ? 1L : 0L, _types[i]),
                int number => copy.WriteAsync((long)number, _types[i]),
                long number => copy.WriteAsync(number, _types[i]),
                var other => copy.WriteAsync((byte[])other, _types[i]),
            });
        }
    }

    private void Bind(NpgsqlParameterCollection parameters, ReadOnlySpan<object?> values)
    {
        if (values.Length != _types.Length)
            throw new ArgumentException($"{_types.Length} values expected, {values.Length} given: {_text}");
        for (var i = 0; i < values.Length; i++)
            parameters.Add(Parameter(values[i], _types[i]));
    }

    private static NpgsqlParameter Parameter(object? value, NpgsqlDbType type) => value switch
    {
        null => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = type },
        string text => new NpgsqlParameter<string> { TypedValue = text.Replace('\0', NoCharacter), NpgsqlDbType = type },
        Guid id => new NpgsqlParameter<Guid> { TypedValue = id, NpgsqlDbType = type },
        DateTimeOffset time => Number(time.ToUnixTimeMilliseconds(), type),
        bool flag => Number(flag ? 1 : 0, type),
        int number => Number(number, type),
        long number => Number(number, type),
        byte[] bytes => new NpgsqlParameter<byte[]> { TypedValue = bytes, NpgsqlDbType = type },
        _ => throw new ArgumentException($"No column type for {value.GetType()}."),
    };

    private static NpgsqlParameter<long> Number(long number, NpgsqlDbType type) => new() { TypedValue = number, NpgsqlDbType = type };

    [GeneratedRegex(@"^(?<into>insert into \w+ \([^)]*\))\s*values \([^)]*\)\s*(?<then>.*)$", RegexOptions.Singleline)]
    private static partial Regex Insert();
}
