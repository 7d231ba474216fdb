using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary>Properties of the published documents that generators of clients depend on.</summary>
public sealed class GeneratedClientsTests
{
    private static readonly string[] Methods = ["get", "put", "post", "patch", "delete"];

    [Theory]
    [InlineData("gigs")]
    [InlineData("kore")]
    [InlineData("operator")]
    public async Task An_optional_choice_number_or_flag_in_a_body_may_be_null_so_that_a_client_can_leave_it_out(string api)
    {
        var document = await ReadAsync(api);
        var wrong = new List<string>();
        foreach (var (operation, schema) in Bodies(document))
        {
            var body = Resolve(document, schema);
            var required = body.TryGetProperty("required", out var names)
                ? names.EnumerateArray().Select(name => name.GetString()!).ToHashSet()
                : [];
            foreach (var property in body.TryGetProperty("properties", out var properties) ? properties.EnumerateObject() : default)
            {
                var value = Resolve(document, property.Value);
                var isChoice = value.TryGetProperty("enum", out var words);
                var mayBeNull = isChoice
                    ? !property.Value.TryGetProperty("$ref", out _)
                        && words.EnumerateArray().Any(word => word.ValueKind == JsonValueKind.Null)
                    : !IsPlain(value, "boolean") && !IsPlain(value, "integer");
                if (!mayBeNull && !required.Contains(property.Name))
                    wrong.Add($"{operation} {property.Name}");
            }
        }

        Assert.Empty(wrong.Distinct());
    }

    [Theory]
    [InlineData("gigs", "Error")]
    [InlineData("kore", "Error", "SecretError", "TokenError", "ClientError")]
    [InlineData("operator", "Problem")]
    public async Task Every_error_is_of_one_named_class_and_not_of_one_for_each_status(string api, params string[] classes)
    {
        var document = await ReadAsync(api);
        var seen = new HashSet<string>();
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject().Where(member => Methods.Contains(member.Name)))
            {
                var refusals = operation.Value.GetProperty("responses").EnumerateObject().Where(answer => answer.Name[0] is '4' or '5');
                foreach (var response in refusals)
                {
                    if (!Resolve(document, response.Value).TryGetProperty("content", out var content))
                        continue;
                    foreach (var type in content.EnumerateObject())
                    {
                        var schema = type.Value.GetProperty("schema");
                        Assert.True(schema.TryGetProperty("$ref", out var name), $"{path.Name} {operation.Name} {response.Name}: {schema}");
                        seen.Add(name.GetString()!.Split('/')[^1]);
                    }
                }
            }
        }

        Assert.Subset(classes.ToHashSet(), seen);
    }

    [Theory]
    [InlineData("gigs")]
    [InlineData("kore")]
    [InlineData("operator")]
    public async Task Every_word_of_a_choice_can_name_a_constant_of_a_client(string api)
    {
        var words = Objects(await ReadAsync(api)).Where(schema => schema.TryGetProperty("enum", out _))
            .SelectMany(schema => schema.GetProperty("enum").EnumerateArray())
            .Where(word => word.ValueKind == JsonValueKind.String);
        Assert.DoesNotContain(words, word => !char.IsAsciiLetter(word.GetString()![0]));
    }

    [Theory]
    [InlineData("kore", "upload", "download", "total")]
    [InlineData("operator", "uploadedBytes", "downloadedBytes")]
    public async Task A_count_of_bytes_has_64_bits(string api, params string[] names)
    {
        var properties = Objects(await ReadAsync(api)).Where(value => value.TryGetProperty("properties", out _))
            .Select(schema => schema.GetProperty("properties")).Where(properties => !properties.TryGetProperty("from_sim", out _))
            .SelectMany(properties => properties.EnumerateObject()).Where(property => names.Contains(property.Name)).ToList();
        Assert.NotEmpty(properties);
        Assert.All(properties, property => Assert.Equal("int64", property.Value.GetProperty("format").GetString()));
    }

    private static IEnumerable<JsonElement> Objects(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Objects(member.Value)).Prepend(value),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Objects),
        _ => [],
    };

    private static bool IsPlain(JsonElement schema, string type) =>
        schema.TryGetProperty("type", out var named) && named.ValueKind == JsonValueKind.String && named.GetString() == type;

    private static async Task<JsonElement> ReadAsync(string api) => JsonDocument.Parse(await File.ReadAllBytesAsync(
        Path.Combine(TestFolder.Sources, "docs", "openapi", $"{api}.json"), TestContext.Current.CancellationToken)).RootElement;

    private static IEnumerable<(string Operation, JsonElement Schema)> Bodies(JsonElement document) =>
        from path in document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        where Methods.Contains(operation.Name) && operation.Value.TryGetProperty("requestBody", out _)
        from content in operation.Value.GetProperty("requestBody").GetProperty("content").EnumerateObject()
        select (operation.Value.GetProperty("operationId").GetString()!, content.Value.GetProperty("schema"));

    /// <summary>The thing itself, if this only refers to it; of a list its items.</summary>
    private static JsonElement Resolve(JsonElement document, JsonElement value)
    {
        while (true)
        {
            if (value.TryGetProperty("$ref", out var reference))
                value = reference.GetString()!.Split('/')[1..].Aggregate(document, (at, name) => at.GetProperty(name.Replace("~1", "/")));
            else if (value.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() is "array"
                && value.TryGetProperty("items", out var items) && items.TryGetProperty("$ref", out _))
                value = items;
            else
                return value;
        }
    }
}
