using Simkeeper.Core;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>A value that a request may name, for the OpenAPI document and to tell what is unknown.</summary>
/// <param name="Type">Its type in JSON.</param>
internal sealed record Field(string Name, string Type, bool IsRequired)
{
    public string? Format { get; init; }

    public string? Pattern { get; init; }

    public long? Min { get; init; }

    public long? Max { get; init; }

    /// <summary>All it may be; null: anything of its type.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    public string? Default { get; init; }
}

/// <summary>
/// The named values of a request. Each is read once, by the method that says what it is; what is wrong first is kept. The same calls
/// describe the values: the OpenAPI document says what is read.
/// </summary>
internal abstract class Fields(List<Field>? described)
{
    /// <summary>The first thing that was wrong; null: nothing so far.</summary>
    public Error? Error { get; private set; }

    public string? Text(string name, bool required = false) => Text(new Field(name, "string", required));

    /// <summary>One of these words.</summary>
    public string? OneOf(string name, IReadOnlyList<string> words, bool required = false) =>
        Parsed(new Field(name, "string", required) { Words = words }, text => words.Contains(text) ? text : null,
            $"{name} is one of {string.Join(", ", words)}.");

    /// <summary>One of these members of an enumeration, or of all.</summary>
    public T? Word<T>(string name, bool required = false, params T[] allowed) where T : struct, Enum
    {
        allowed = allowed.Length == 0 ? Enum.GetValues<T>() : allowed;
        return OneOf(name, [.. allowed.Select(WordConverter<T>.Name)], required) is { } word
            ? allowed.First(member => WordConverter<T>.Name(member) == word)
            : null;
    }

    /// <summary>A time from 1970 on.</summary>
    public DateTimeOffset? Time(string name, bool required = false) => Parsed(
        new Field(name, "string", required) { Format = "date-time" },
        static text => Requests.TryTime(text, out var time) ? time.ToUniversalTime() : (DateTimeOffset?)null,
        $"{name} is a time such as 2026-01-02T03:04:05Z.");

    /// <summary>A duration such as <c>72h</c>.</summary>
    public TimeSpan? Duration(string name) => Parsed(
        new Field(name, "string", false) { Pattern = Patterns.Duration },
        static text => Durations.TryParse(text, out var duration) ? duration : (TimeSpan?)null,
        $"{name} is a duration such as {Durations.Examples}.");

    /// <summary>A sid with this prefix.</summary>
    /// <param name="wrong">What to say of anything else.</param>
    public Guid? Sid(string name, string prefix, string wrong, bool required = false) => Parsed(
        new Field(name, "string", required) { Pattern = Patterns.Sid(prefix) },
        text => Ids.TryParseSid(prefix, text, out var id) ? id : (Guid?)null, wrong);

    /// <summary>An id in base62 with this prefix.</summary>
    /// <param name="wrong">What to say of anything else.</param>
    public Guid? Id(string name, string prefix, string wrong) => Parsed(
        new Field(name, "string", false) { Pattern = Patterns.Base62(prefix) },
        text => Ids.TryParseBase62(prefix, text, out var id) ? id : (Guid?)null, wrong);

    /// <summary>The place in a list that an answer named as <c>next</c>.</summary>
    public Guid? Cursor(string name, string of) => Parsed(
        new Field(name, "string", false), static text => Guid.TryParseExact(text, "N", out var id) ? id : (Guid?)null,
        $"{name} is not one of ours. Use next of the {of} before.");

    /// <summary>Keeps what is wrong, unless something was wrong before.</summary>
    public void Refuse(Error error) => Error ??= error;

    public void Refuse(string name, string wrong) => Refuse(new Error(ErrorCode.InvalidValue, wrong, name));

    /// <summary>The value as text; null: it is absent, or refused.</summary>
    protected abstract string? TextOf(string name);

    protected void Describe(Field field) => described?.Add(field);

    /// <summary>Refuses a value that is required and absent.</summary>
    protected void Missing(Field field)
    {
        if (field.IsRequired)
            Refuse(new Error(ErrorCode.MissingValue, $"{field.Name} is required.", field.Name));
    }

    /// <summary>Unknown and empty values are told before all others.</summary>
    protected void RefuseFirst(Error error) => Error = error;

    private string? Text(Field field)
    {
        Describe(field);
        var text = TextOf(field.Name);
        if (text is null)
            Missing(field);
        return text;
    }

    private T? Parsed<T>(Field field, Func<string, T?> parse, string wrong)
    {
        if (Text(field) is not { } text)
            return default;
        var parsed = parse(text);
        if (parsed is null)
            Refuse(field.Name, wrong);
        return parsed;
    }
}
