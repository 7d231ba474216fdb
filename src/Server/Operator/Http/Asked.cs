using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>The content of a request, as far as it could be read.</summary>
internal interface IAsked
{
    /// <summary>Why it cannot be taken; null: it can.</summary>
    Problem? Problem { get; }
}

/// <summary>A type that can be read from the properties of a JSON object.</summary>
internal interface IReadJson<TSelf>
{
    /// <summary>Reads every property there is, each once.</summary>
    static abstract TSelf Read(JsonFields fields);
}

/// <summary>A type that can be read from the parameters of a query.</summary>
internal interface IReadQuery<TSelf>
{
    /// <summary>Reads every parameter there is, each once.</summary>
    static abstract TSelf Read(QueryFields fields);
}

/// <summary>The JSON body of a request: an object with known properties only; null is absent.</summary>
internal sealed class Body<T> : IAsked where T : IReadJson<T>
{
    private const int DepthMax = 8;

    private Body(T value, Problem? problem) => (Value, Problem) = (value, problem);

    /// <summary>The value that was read; of no use beside a problem.</summary>
    public T Value { get; }

    public Problem? Problem { get; }

    /// <exception cref="BadHttpRequestException">The body is too large, or does not arrive as promised.</exception>
    public static async ValueTask<Body<T>> BindAsync(HttpContext context)
    {
        var settings = context.RequestServices.GetRequiredService<HttpSettings>();
        var bytes = await context.Request.BodyAsync(settings.BodyBytesMax);
        if (bytes.Length == 0)
            return Of(default);
        try
        {
            using var document = Requests.Json(bytes, DepthMax);
            return document.RootElement.ValueKind switch
            {
                JsonValueKind.Object => Of(document.RootElement),
                JsonValueKind.Null => Of(default),
                _ => new(default!, Problem.Malformed("The body must be a JSON object.")),
            };
        }
        catch (JsonException)
        {
            return new(default!, Problem.Malformed("The body is not valid JSON."));
        }
    }

    private static Body<T> Of(JsonElement body)
    {
        var read = JsonFields.Read<T>(body);
        return new(read.Error is null ? read.Value : default!, read.Error is { } error ? Problem.From(error) : null);
    }
}

/// <summary>The query of a request: known parameters only, none of them empty.</summary>
internal sealed class Query<T> : IAsked where T : IReadQuery<T>
{
    private Query(T value, Problem? problem) => (Value, Problem) = (value, problem);

    /// <summary>The value that was read; of no use beside a problem.</summary>
    public T Value { get; }

    public Problem? Problem { get; }

    public static ValueTask<Query<T>> BindAsync(HttpContext context)
    {
        var read = QueryFields.Read<T>(context.Request);
        return ValueTask.FromResult(
            new Query<T>(read.Error is null ? read.Value : default!, read.Error is { } error ? Problem.From(error) : null));
    }
}

/// <summary>Takes nothing: the body is absent or an empty object.</summary>
internal sealed record Nothing : IReadJson<Nothing>
{
    public static Nothing Read(JsonFields fields) => new();
}
