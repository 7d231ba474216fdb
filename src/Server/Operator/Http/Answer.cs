using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Simkeeper.Core;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>Marks an answer that shows a secret: nobody on its way may keep it.</summary>
internal interface IHasSecret;

/// <summary>The answer of an operation: a value, or the problem that stands in its place.</summary>
internal sealed class Answer<T> : IResult
{
    private readonly T? _value;
    private readonly IResult? _instead;

    private Answer(T? value, IResult? instead) => (_value, _instead) = (value, instead);

    public static implicit operator Answer<T>(T value) => new(value, null);

    public static implicit operator Answer<T>(Problem problem) => new(default, problem);

    public static implicit operator Answer<T>(Error error) => Problem.From(error);

    /// <summary>A value of another type, with its own status.</summary>
    public static Answer<T> Else<TOther>(int status, TOther value) => new(default, new Json<TOther>(status, value));

    public Task ExecuteAsync(HttpContext context) => _instead is not null
        ? _instead.ExecuteAsync(context)
        : new Json<T>(context.GetEndpoint()?.Metadata.GetMetadata<AnswerStatus>()?.Status ?? 200, _value!).ExecuteAsync(context);

    private sealed class Json<TValue>(int status, TValue value) : IResult
    {
        public Task ExecuteAsync(HttpContext context)
        {
            if (value is IHasSecret)
                context.Response.Headers.CacheControl = "no-store";
            var options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
            return JsonAnswer.WriteAsync(context.Response, status, (value, (JsonTypeInfo<TValue>)options.GetTypeInfo(typeof(TValue))),
                static (json, answer) => JsonSerializer.Serialize(json, answer.value, answer.Item2));
        }
    }
}

/// <summary>The answer of an operation that has no body, or has answered by itself; or the problem in its place.</summary>
internal sealed class Answer : IResult
{
    /// <summary>204.</summary>
    public static readonly Answer Nothing = new(TypedResults.NoContent());

    /// <summary>The operation has written its answer.</summary>
    public static readonly Answer Sent = new(TypedResults.Empty);

    private readonly IResult _result;

    private Answer(IResult result) => _result = result;

    public static implicit operator Answer(Problem problem) => new(problem);

    public static implicit operator Answer(Error error) => Problem.From(error);

    public Task ExecuteAsync(HttpContext context) => _result.ExecuteAsync(context);
}
