using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Operator;

namespace Simkeeper.Server.Tests.Operator;

/// <summary>Makes the OpenAPI document of the operator API from its endpoints, their records and their comments.</summary>
internal sealed class OperatorDocument(IEnumerable<RouteEndpoint> endpoints, JsonSerializerOptions json, BroughtWords brought)
{
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Comments _comments = new();
    private readonly SortedDictionary<string, JsonObject> _responses = new(StringComparer.Ordinal);
    private readonly OperatorSchemas _schemas = new(json, new Comments(), brought);

    public string Write()
    {
        var paths = new JsonObject();
        foreach (var endpoint in endpoints)
        {
            var path = endpoint.RoutePattern.RawText!;
            if (paths[path] is not JsonObject operations)
                paths[path] = operations = [];
            operations[endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods[0].ToLowerInvariant()] = Operation(endpoint);
        }
        foreach (var (path, operation) in OperatorDocumentFrame.Health())
            paths[path] = new JsonObject { ["get"] = operation };
        var document = OperatorDocumentFrame.Head();
        document["paths"] = paths;
        document["components"] = new JsonObject
        {
            ["securitySchemes"] = OperatorDocumentFrame.SecuritySchemes(),
            ["responses"] = new JsonObject(_responses.Select(response => KeyValuePair.Create(response.Key, (JsonNode?)response.Value))),
            ["schemas"] = new JsonObject(_schemas.Components.Select(schema => KeyValuePair.Create(schema.Key, (JsonNode?)schema.Value))),
        };
        return document.ToJsonString(Indented) + "\n";
    }

    private JsonObject Operation(RouteEndpoint endpoint)
    {
        var handler = endpoint.Metadata.GetRequiredMetadata<MethodInfo>();
        var (parameters, body) = (new JsonArray(), (Type?)null);
        foreach (var parameter in handler.GetParameters())
        {
            if (endpoint.RoutePattern.GetParameter(parameter.Name!) is not null)
                parameters.Add(PathParameter(endpoint.Metadata.GetOrderedMetadata<PathPart>().Last(part => part.Name == parameter.Name)));
            else if (parameter.GetCustomAttribute<FromHeaderAttribute>() is { } header)
                parameters.Add(HeaderParameter(handler, parameter, header.Name!));
            else if (IsGeneric(parameter.ParameterType, typeof(Query<>)))
                _schemas.AddQuery(parameters, parameter.ParameterType.GetGenericArguments()[0]);
            else if (IsGeneric(parameter.ParameterType, typeof(Body<>)))
                body = parameter.ParameterType.GetGenericArguments()[0];
        }
        var operation = new JsonObject
        {
            ["operationId"] = endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName
                ?? JsonNamingPolicy.CamelCase.ConvertName(handler.DeclaringType!.Name),
            ["tags"] = new JsonArray([.. endpoint.Metadata.GetRequiredMetadata<ITagsMetadata>().Tags.Select(tag => (JsonNode)tag)]),
            ["summary"] = _comments.Summary(handler.DeclaringType!)!.TrimEnd('.'),
            ["description"] = _comments.Remarks(handler.DeclaringType!),
        };
        if (parameters.Count > 0)
            operation["parameters"] = parameters;
        if (RequestBody(endpoint, body) is { } request)
            operation["requestBody"] = request;
        operation["responses"] = Responses(endpoint, handler, parameters, body);
        return operation;
    }

    private static JsonObject PathParameter(PathPart part) => new()
    {
        ["name"] = part.Name,
        ["in"] = "path",
        ["required"] = true,
        ["description"] = part.Description,
        ["schema"] = new JsonObject { ["type"] = "string", ["pattern"] = part.Pattern },
        ["example"] = part.Example,
    };

    private JsonObject HeaderParameter(MethodInfo handler, ParameterInfo parameter, string name) => new()
    {
        ["name"] = name,
        ["in"] = "header",
        ["description"] = _comments.Parameter(handler, parameter.Name!),
        ["schema"] = new JsonObject
        {
            ["type"] = "string",
            ["pattern"] = parameter.GetCustomAttribute<RegularExpressionAttribute>()!.Pattern,
        },
    };

    private JsonObject? RequestBody(RouteEndpoint endpoint, Type? body)
    {
        var content = new JsonObject();
        foreach (var stream in endpoint.Metadata.GetOrderedMetadata<StreamBody>().Where(stream => !stream.IsAnswer))
            content[stream.MediaType] = Content(stream);
        if (content.Count > 0)
            return new JsonObject { ["required"] = true, ["content"] = content };
        if (body is null || body == typeof(Nothing))
            return null;
        var schema = _schemas.Request(body);
        return new JsonObject
        {
            ["required"] = _schemas.Components[OperatorSchemas.Name(body)].ContainsKey("required"),
            ["content"] = new JsonObject { ["application/json"] = Media(schema, _comments.Example(body)) },
        };
    }

    private JsonObject Responses(RouteEndpoint endpoint, MethodInfo handler, JsonArray parameters, Type? body)
    {
        var responses = new SortedDictionary<int, JsonObject>();
        var answer = handler.ReturnType is { IsGenericType: true } task && task.GetGenericTypeDefinition() == typeof(Task<>)
            ? task.GetGenericArguments()[0]
            : handler.ReturnType;
        var streams = endpoint.Metadata.GetOrderedMetadata<StreamBody>().Where(stream => stream.IsAnswer).ToList();
        if (streams.Count > 0)
        {
            responses[200] = new JsonObject
            {
                ["description"] = "The answer, as it comes.",
                ["content"] = new JsonObject(streams.Select(stream => KeyValuePair.Create(stream.MediaType, (JsonNode?)Content(stream)))),
            };
        }
        else if (IsGeneric(answer, typeof(Answer<>)))
        {
            responses[endpoint.Metadata.GetMetadata<AnswerStatus>()?.Status ?? 200] = Response(answer.GetGenericArguments()[0]);
        }
        else
        {
            responses[204] = new JsonObject { ["description"] = "Done." };
        }
        if (endpoint.Metadata.GetMetadata<OtherAnswer>() is { } other)
            responses[other.Status] = Response(other.Body);
        foreach (var codes in Codes(endpoint, parameters, body).GroupBy(code => code.Status()))
            responses[codes.Key] = ProblemResponse([.. codes.Order()]);
        var all = new JsonObject(responses.Select(response => KeyValuePair.Create($"{response.Key}", (JsonNode?)response.Value)));
        all["default"] = ProblemResponse([ProblemCode.TooManyRequests, ProblemCode.Internal, ProblemCode.StoreAway]);
        return all;
    }

    private static HashSet<ProblemCode> Codes(RouteEndpoint endpoint, JsonArray parameters, Type? body)
    {
        var codes = new HashSet<ProblemCode> { ProblemCode.Unauthenticated };
        if (endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods[0] != "GET")
            codes.Add(ProblemCode.ReadOnlyKey);
        if (parameters.Any(parameter => (string?)parameter!["in"] == "query"))
            codes.Add(ProblemCode.InvalidValue);
        if (body is not null)
            codes.UnionWith([ProblemCode.Malformed, ProblemCode.InvalidValue, ProblemCode.BodyTooLarge]);
        if (body is not null && OperatorSchemas.Fields(body).Any(field => field.IsRequired))
            codes.Add(ProblemCode.MissingValue);
        codes.UnionWith(endpoint.Metadata.GetOrderedMetadata<CanFailWith>().SelectMany(known => known.Codes));
        return codes;
    }

    private string Described(ProblemCode code) =>
        $"`{JsonNamingPolicy.CamelCase.ConvertName($"{code}")}`: {_comments.Summary(typeof(ProblemCode).GetField($"{code}")!)}";

    private JsonObject Response(Type answer) => new()
    {
        ["description"] = IsGeneric(answer, typeof(PageOf<>)) ? _comments.Summary(typeof(PageOf<>)) : _comments.Summary(answer),
        ["content"] = new JsonObject { ["application/json"] = Media(_schemas.Of(answer), Example(answer)) },
    };

    private JsonNode? Example(Type answer) => !IsGeneric(answer, typeof(PageOf<>)) ? _comments.Example(answer)
        : _comments.Example(answer.GetGenericArguments()[0]) is { } item
                ? new JsonObject { ["items"] = new JsonArray(item), ["next"] = null }
        : null;

    /// <summary>A reference to the response that may have one of these codes.</summary>
    private JsonObject ProblemResponse(IReadOnlyList<ProblemCode> codes)
    {
        var name = string.Join("Or", codes);
        if (!_responses.ContainsKey(name))
        {
            var response = new JsonObject { ["description"] = string.Join(' ', codes.Select(Described)) };
            if (codes.Any(code => code.Status() is 429 or 503))
                response["headers"] = OperatorDocumentFrame.RetryAfter();
            response["content"] = new JsonObject { ["application/problem+json"] = Media(_schemas.Of(typeof(Problem)), null) };
            _responses[name] = response;
        }
        return new() { ["$ref"] = $"#/components/responses/{name}" };
    }

    private JsonObject Content(StreamBody stream) => stream.Shape switch
    {
        StreamShape.Array => Media(
            new JsonObject { ["type"] = "array", ["maxItems"] = 10_000, ["items"] = _schemas.Request(stream.Of!) },
            new JsonArray(_comments.Example(stream.Of!))),
        StreamShape.Lines => Media(
            new JsonObject
            {
                ["type"] = "string",
                ["contentMediaType"] = stream.MediaType,
                ["contentSchema"] = _schemas.Of(stream.Of!),
            },
                null),
        StreamShape.Text => Media(new JsonObject { ["type"] = "string" }, null),
        _ => throw new ArgumentOutOfRangeException(nameof(stream)),
    };

    private static JsonObject Media(JsonNode schema, JsonNode? example) =>
        example is null ? new() { ["schema"] = schema } : new() { ["schema"] = schema, ["example"] = example };

    private static bool IsGeneric(Type type, Type definition) => type.IsGenericType && type.GetGenericTypeDefinition() == definition;
}
