using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>The properties of a JSON object; null is absent.</summary>
internal sealed class JsonFields : Fields
{
    private readonly JsonElement _properties;
    private int _found;

    private JsonFields(JsonElement properties, List<Field>? described) : base(described) => _properties = properties;

    /// <summary>Reads an object, with the error in its place if anything is wrong with it.</summary>
    /// <param name="properties">An object without doubled names; undefined: an empty one.</param>
    public static Result<T> Read<T>(JsonElement properties) where T : IReadJson<T>
    {
        var fields = new JsonFields(properties, null);
        var read = T.Read(fields);
        if (properties.ValueKind == JsonValueKind.Object && fields._found != properties.GetPropertyCount())
            fields.RefuseUnknown(Describe<T>());
        return fields.Error is { } error ? error : read;
    }

    /// <summary>Every property that is read.</summary>
    public static IReadOnlyList<Field> Describe<T>() where T : IReadJson<T>
    {
        var described = new List<Field>();
        T.Read(new JsonFields(default, described));
        return described;
    }

    /// <summary>The errors of values that are left out because of them.</summary>
    public List<Error> Dropped { get; } = [];

    /// <summary>A text; one that is none is left out.</summary>
    public string? TextOrDropped(string name)
    {
        Describe(new Field(name, "string", false));
        string? text = null;
        if (TryGet(name, out var value) && TryText(name, value, out text) is { } error)
            Dropped.Add(error);
        return text;
    }

    /// <summary>A whole number in this range.</summary>
    public long? Number(string name, long min, long max, bool required = false)
    {
        var field = new Field(name, "integer", required) { Min = min, Max = max };
        Describe(field);
        if (!TryGet(name, out var value))
            Missing(field);
        else if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max)
            return number;
        else
            Refuse(name, $"{name} is a whole number from {min} to {max}.");
        return null;
    }

    /// <summary>True or false.</summary>
    public bool? Flag(string name)
    {
        Describe(new Field(name, "boolean", false));
        if (!TryGet(name, out var value))
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Refuse(name, $"{name} is true or false.");
        return null;
    }

    /// <summary>A list of strings.</summary>
    public IReadOnlyList<string>? Texts(string name, int max)
    {
        Describe(new Field(name, "array", false) { Min = 1, Max = max });
        if (!TryGet(name, out var value))
            return null;
        try
        {
            if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= max
                && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
                return [.. value.EnumerateArray().Select(item => item.GetString()!)];
            Refuse(name, $"{name} is a list of at most {max} strings.");
        }
        catch (InvalidOperationException)
        {
            Refuse(name, $"{name} is not valid Unicode.");
        }
        return null;
    }

    /// <summary>A time in ISO 8601 with its zone: one without would be read in that of this machine.</summary>
    public DateTimeOffset? ZonedTime(string name, bool required = false)
    {
        var text = Time(name, required, out var value);
        if (text is null)
            return null;
        var hasZone = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' && text.Contains('T'));
        if (hasZone && value.TryGetDateTimeOffset(out var time))
            return time.ToUniversalTime();
        Refuse(name, $"{name} is a time such as 2026-01-02T03:04:05Z.");
        return null;
    }

    protected override string? TextOf(string name) => TryGet(name, out var value) ? TextOf(name, value) : null;

    private string? Time(string name, bool required, out JsonElement value)
    {
        var field = new Field(name, "string", required) { Format = "date-time" };
        Describe(field);
        if (TryGet(name, out value))
            return TextOf(name, value);
        Missing(field);
        return null;
    }

    private string? TextOf(string name, JsonElement value)
    {
        if (TryText(name, value, out var text) is { } error)
            Refuse(error);
        return text;
    }

    private static Error? TryText(string name, JsonElement value, out string? text)
    {
        text = null;
        if (value.ValueKind != JsonValueKind.String)
            return new Error(ErrorCode.InvalidValue, $"{name} is a string.", name);
        try
        {
            text = value.GetString();
            return null;
        }
        catch (InvalidOperationException)
        {
            return new Error(ErrorCode.InvalidValue, $"{name} is not valid Unicode.", name);
        }
    }

    private bool TryGet(string name, out JsonElement value)
    {
        value = default;
        if (_properties.ValueKind != JsonValueKind.Object || !_properties.TryGetProperty(name, out value))
            return false;
        _found++;
        return value.ValueKind != JsonValueKind.Null;
    }

    private void RefuseUnknown(IReadOnlyList<Field> known)
    {
        foreach (var property in _properties.EnumerateObject())
        {
            if (known.Any(field => field.Name == property.Name))
                continue;
            var name = Requests.Shown(property.Name);
            RefuseFirst(new Error(ErrorCode.InvalidValue, $"Unknown property {name}. Leave it out.", name));
            return;
        }
    }
}
