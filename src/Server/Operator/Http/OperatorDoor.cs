using Microsoft.AspNetCore.Routing;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>The door of the operator API: lets operators in, and answers every failure with a problem.</summary>
internal sealed class OperatorDoor(Credentials credentials, Door door, ILogger<OperatorDoor> log)
{
    /// <summary>Turns what is thrown behind it into problems.</summary>
    public Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        // Doubled slashes count once.
        if (context.Request.Path.Value!.Contains("//", StringComparison.Ordinal))
            context.Request.Path = "/" + string.Join('/', context.Request.Path());
        return Failures.AnswerAsync(context, log, context => next(context), ProblemOf, Problem.Internal,
            static (context, problem) => problem.WriteAsync(context.Response));
    }

    /// <summary>Lets in who has an operator key, to a path that exists, and changes nothing for a key that may only read.</summary>
    public async Task AdmitAsync(HttpContext context, RequestDelegate next)
    {
        var (request, endpoint) = (context.Request, context.GetEndpoint());
        if (await door.KnockAsync(context) is { } wait)
        {
            await Problem.TooManyRequests(wait).WriteAsync(context.Response);
            return;
        }
        var (caller, retryAfter) = await credentials.BearerAsync(context);
        if (retryAfter is { } seconds)
        {
            await Problem.TooManyFailures(seconds).WriteAsync(context.Response);
        }
        else if (caller is not { Kind: OperatorKey.Word })
        {
            await (request.HasBearer() ? Problem.UnknownKey : Problem.Unauthenticated).WriteAsync(context.Response);
        }
        else if (endpoint is null)
        {
            await Problem.NotFound("This path").WriteAsync(context.Response);
        }
        else if (endpoint is not RouteEndpoint)
        {
            // Routing's own endpoint for a wrong method says in Allow which are right.
            await endpoint.RequestDelegate!(context);
            await Problem.MethodNotAllowed.WriteAsync(context.Response);
        }
        else if (caller.ReadOnly && !HttpMethods.IsGet(request.Method))
        {
            await Problem.ReadOnlyKey.WriteAsync(context.Response);
        }
        else
        {
            context.Features.Set(caller);
            var takesItsTime = endpoint.Metadata.GetMetadata<TakesItsTime>() is not null;
            if (takesItsTime)
                Patience.Current?.Lift();
            var work = endpoint.Metadata.GetMetadata<WorkOf>()?.Work ?? WorkNames.OfMethod(request.Method);
            using var place = await door.EnterAsync(context, caller.Party, work, takesItsTime);
            await (place.RetryAfter is { } later ? Problem.TooManyRequests(later).WriteAsync(context.Response) : next(context));
        }
    }

    /// <summary>Refuses what an operation cannot read before it runs.</summary>
    public static ValueTask<object?> RefuseUnreadableAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        foreach (var argument in call.Arguments)
        {
            if (argument is IAsked { Problem: { } problem })
                return ValueTask.FromResult<object?>(problem);
        }
        return next(call);
    }

    /// <summary>The problem that an exception means. One that nobody expected is logged.</summary>
    public Problem ProblemOf(HttpContext context, Exception e)
    {
        if (ProblemOf(e) is { } known)
            return known;
        log.LogError(e, "Request {RequestId} failed.", context.TraceIdentifier);
        return Problem.Internal;
    }

    private static Problem? ProblemOf(Exception e) => e switch
    {
        BadHttpRequestException bad => new(bad.StatusCode switch
        {
            413 => ProblemCode.BodyTooLarge,
            415 => ProblemCode.UnsupportedMediaType,
            _ => ProblemCode.Malformed,
        }, bad.Message),
        StoreAwayException => Problem.StoreAway,
        OutOfTimeException => Problem.OutOfTime,
        _ => null,
    };
}
