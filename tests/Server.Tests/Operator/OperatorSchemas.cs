using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Simkeeper.Server.Operator;

namespace Simkeeper.Server.Tests.Operator;

/// <summary>The JSON schemas of what the operator API reads and answers.</summary>
internal sealed class OperatorSchemas(JsonSerializerOptions json, Comments comments, BroughtWords brought)
{
    private readonly NullabilityInfoContext _nullability = new();

    /// <summary>The schemas that were asked for, by name.</summary>
    public SortedDictionary<string, JsonObject> Components { get; } = new(StringComparer.Ordinal);

    /// <summary>The values that are read from a body or a query.</summary>
    public static IReadOnlyList<Field> Fields(Type asked)
    {
        var isJson = asked.GetInterfaces().Any(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadJson<>));
        var describe = (isJson ? typeof(JsonFields) : typeof(QueryFields))
            .GetMethod("Describe", BindingFlags.Public | BindingFlags.Static)!;
        return (IReadOnlyList<Field>)describe.MakeGenericMethod(asked).Invoke(null, [])!;
    }

    public static string Name(Type type) => type.IsGenericType
        ? Name(type.GetGenericArguments()[0]) + "List"
        : type.Name.Replace("AnswerRecord", "", StringComparison.Ordinal).Replace("Answer", "", StringComparison.Ordinal);

    /// <summary>A reference to the schema of a body that is read.</summary>
    public JsonObject Request(Type asked)
    {
        if (!Components.ContainsKey(Name(asked)))
        {
            var fields = Fields(asked);
            var properties = fields.Select(field =>
            {
                var schema = Read(field, Property(asked, field.Name));
                if (!field.IsRequired)
                    AllowNull(schema);
                Comment(schema, Property(asked, field.Name));
                return KeyValuePair.Create(field.Name, (JsonNode?)schema);
            });
            Components[Name(asked)] = Object(
            asked, new JsonObject(properties), fields.Where(field => field.IsRequired).Select(field => field.Name));
        }
        return Reference(asked);
    }

    /// <summary>Adds the parameters of a query.</summary>
    public void AddQuery(JsonArray parameters, Type asked)
    {
        foreach (var field in Fields(asked).OrderBy(field => field.Name is "limit" or "after"))
        {
            var property = field.Name is "limit" or "after" ? Property(typeof(Paging), field.Name) : Property(asked, field.Name);
            var parameter = new JsonObject { ["name"] = field.Name, ["in"] = "query" };
            Comment(parameter, property);
            parameter["schema"] = Read(field, property);
            parameters.Add(parameter);
        }
    }

    /// <summary>The schema of what is answered; of a record a reference.</summary>
    public JsonObject Of(Type type, PropertyInfo? property = null)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return Of(inner, property);
        if (type == typeof(string))
            return Constrained(new() { ["type"] = "string" }, property);
        if (type.IsEnum)
        {
            var words = Enum.GetNames(type).Select(name => JsonNamingPolicy.CamelCase.ConvertName(name));
            return Constrained(new() { ["type"] = "string", ["enum"] = Words(words) }, property);
        }
        if (type == typeof(bool))
            return new() { ["type"] = "boolean" };
        if (type == typeof(int))
            return Constrained(new() { ["type"] = "integer" }, property);
        if (type == typeof(long))
            return Constrained(new() { ["type"] = "integer", ["format"] = "int64" }, property);
        if (type == typeof(DateTimeOffset))
            return new() { ["type"] = "string", ["format"] = "date-time", ["pattern"] = Patterns.Time };
        if (type == typeof(TimeSpan))
            return Constrained(new() { ["type"] = "string" }, property);
        if (type == typeof(RawJson))
            return OperatorDocumentFrame.EventData();
        if (type == typeof(IReadOnlyDictionary<string, string>))
            return new() { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "string" } };
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return new() { ["type"] = "array", ["items"] = Of(type.GetGenericArguments()[0], property) };
        AddAnswer(type);
        return Reference(type);
    }

    private void AddAnswer(Type type)
    {
        if (Components.ContainsKey(Name(type)))
            return;
        var info = json.GetTypeInfo(type);
        if (info.PolymorphismOptions is { } options)
        {
            Components[Name(type)] = [];
            Comment(Components[Name(type)], type);
            Components[Name(type)]["oneOf"] = new JsonArray([.. options.DerivedTypes.Select(derived => Of(derived.DerivedType))]);
            return;
        }
        Components[Name(type)] = [];
        var properties = info.Properties.Select(property => (property.Name, Property: (PropertyInfo)property.AttributeProvider!)).ToList();
        Components[Name(type)] = Object(type,
            new JsonObject(properties.Select(property => KeyValuePair.Create(property.Name, (JsonNode?)Answered(property.Property)))),
            properties.Where(property => !MayBeAbsent(property.Property)).Select(property => property.Name));
    }

    private JsonObject Answered(PropertyInfo property)
    {
        var schema = Of(property.PropertyType, property);
        if (property.Name == nameof(PageOf<>.Items))
            schema["maxItems"] = Paging.LimitMax;
        if (!MayBeAbsent(property) && _nullability.Create(property).ReadState == NullabilityState.Nullable)
        {
            if (schema.ContainsKey("$ref"))
                schema = new() { ["oneOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
            else
                AllowNull(schema);
        }
        Comment(schema, property);
        return schema;
    }

    private JsonObject Object(Type type, JsonObject properties, IEnumerable<string> required)
    {
        var schema = new JsonObject { ["type"] = "object" };
        Comment(schema, type.IsGenericType ? type.GetGenericTypeDefinition() : type);
        schema["additionalProperties"] = false;
        if (Words(required) is { Count: > 0 } names)
            schema["required"] = names;
        schema["properties"] = properties;
        return schema;
    }

    private JsonObject Read(Field field, PropertyInfo property)
    {
        var schema = new JsonObject { ["type"] = field.Type };
        if (field.Type == "array")
        {
            (schema["minItems"], schema["maxItems"]) = (field.Min, field.Max);
            schema["items"] = new JsonObject { ["type"] = "string" };
            return schema;
        }
        if (field.Format is not null)
            schema["format"] = field.Format;
        else if (field.Max > int.MaxValue)
            schema["format"] = "int64";
        if (field.Pattern is not null)
            schema["pattern"] = field.Pattern;
        if (field.Min is not null)
            schema["minimum"] = field.Min;
        if (field.Max is not null)
            schema["maximum"] = field.Max;
        if (field.Words is not null && field.Words.All(word => char.IsAsciiLetter(word[0])))
            schema["enum"] = Words(field.Words);
        else if (field.Words is not null) // Not an enum: generators of clients make no names of punctuation.
            schema["pattern"] = $"^({string.Join('|', field.Words.Select(Regex.Escape))})$";
        if (field.Default is not null)
            schema["default"] = int.Parse(field.Default);
        return Constrained(schema, property);
    }

    private JsonObject Constrained(JsonObject schema, PropertyInfo? property)
    {
        if (property?.GetCustomAttribute<RegularExpressionAttribute>() is { } pattern)
            schema["pattern"] = pattern.Pattern;
        if (property?.GetCustomAttribute<StringLengthAttribute>() is { } length)
        {
            if (length.MinimumLength > 0)
                schema["minLength"] = length.MinimumLength;
            schema["maxLength"] = length.MaximumLength;
        }
        if (property?.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            schema["minimum"] = (int)range.Minimum;
            if ((int)range.Maximum != int.MaxValue)
                schema["maximum"] = (int)range.Maximum;
        }
        if (property?.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed)
            schema["enum"] = Words(allowed.Values.Cast<string>());
        else if (property is not null && brought.Of(property) is { } words)
            schema["enum"] = Words(words);
        return schema;
    }

    private static void AllowNull(JsonObject schema)
    {
        schema["type"] = new JsonArray((string)schema["type"]!, "null");
        (schema["enum"] as JsonArray)?.Add(null);
    }

    private static PropertyInfo Property(Type type, string name) =>
        type.GetProperty(name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)
        ?? throw new InvalidOperationException($"{type.Name} reads {name} and has no property of this name to describe it.");

    private static bool MayBeAbsent(PropertyInfo property) => property.GetCustomAttribute<JsonIgnoreAttribute>() is not null;

    private static JsonObject Reference(Type type) => new() { ["$ref"] = $"#/components/schemas/{Name(type)}" };

    private static JsonArray Words(IEnumerable<string> words) => new([.. words.Select(word => (JsonNode)word)]);

    private void Comment(JsonObject schema, MemberInfo member)
    {
        if (comments.Summary(member) is { } summary)
            schema["description"] = summary;
    }
}
