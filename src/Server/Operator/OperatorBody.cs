using System.Globalization;
using System.Text.Json;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>A JSON body of the operator API: an object with known properties only.</summary>
internal sealed class OperatorBody
{
    private const int DepthMax = 8;
    private readonly Dictionary<string, JsonElement> _properties = new(StringComparer.Ordinal);

    private OperatorBody()
    {
    }

    public static async Task<OperatorBody> ReadAsync(HttpRequest request, HttpSettings settings, params string[] known)
    {
        var bytes = await request.BodyAsync(settings.BodyBytesMax);
        var body = new OperatorBody();
        if (bytes.Length == 0)
            return body;
        try
        {
            using var document = Requests.Json(bytes, DepthMax);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ProblemException(new Problem(400, "malformed", "Malformed", "The body must be a JSON object."));
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (!known.Contains(property.Name))
                {
                    var name = Requests.Shown(property.Name);
                    throw new ProblemException(Problem.Invalid(name, $"Unknown property {name}. Leave it out."));
                }
                body._properties[property.Name] = property.Value.Clone();
            }
        }
        catch (JsonException)
        {
            throw new ProblemException(new Problem(400, "malformed", "Malformed", "The body is not valid JSON."));
        }
        return body;
    }

    /// <summary>A string, or null when it is absent or null.</summary>
    public string? Text(string name)
    {
        if (!_properties.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Invalid(name, $"{name} is a string.");
        }
        catch (InvalidOperationException)
        {
            throw Invalid(name, $"{name} is not valid Unicode.");
        }
    }

    public string Required(string name) => Text(name) ?? throw new ProblemException(Problem.Missing(name));

    /// <summary>One of these words, or null when it is absent.</summary>
    public string? OneOf(string name, params string[] words) =>
        Text(name) is not { } word ? null : words.Contains(word) ? word : throw Invalid(name, $"{name} is one of {string.Join(", ", words)}.");

    /// <summary>A whole number in this range, or null when it is absent.</summary>
    public int? Number(string name, int min, int max)
    {
        if (!_properties.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max
            ? number
            : throw Invalid(name, $"{name} is a whole number from {min} to {max}.");
    }

    /// <summary>True or false, or null when it is absent.</summary>
    public bool? Flag(string name)
    {
        if (!_properties.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Invalid(name, $"{name} is true or false.");
    }

    /// <summary>A list of strings, or null when it is absent.</summary>
    public IReadOnlyList<string>? Texts(string name, int max)
    {
        if (!_properties.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > max
            || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
            throw Invalid(name, $"{name} is a list of at most {max} strings.");
        try
        {
            return [.. value.EnumerateArray().Select(item => item.GetString()!)];
        }
        catch (InvalidOperationException)
        {
            throw Invalid(name, $"{name} is not valid Unicode.");
        }
    }

    /// <summary>A duration such as <c>72h</c>, or null when it is absent.</summary>
    public TimeSpan? Duration(string name)
    {
        if (Text(name) is not { } text)
            return null;
        return Durations.TryParse(text, out var duration)
            ? duration
            : throw Invalid(name, $"{name} is a duration such as 500ms, 30s, 15m, 72h or 90d.");
    }

    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text)
            return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && text.Contains('T')
            ? time.ToUniversalTime()
            : throw Invalid(name, $"{name} is a time such as 2026-01-02T03:04:05Z.");
    }

    private static ProblemException Invalid(string name, string detail) => new(Problem.Invalid(name, detail));
}
