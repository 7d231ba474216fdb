namespace Simkeeper.Server.Hosting;

/// <summary>Turns exceptions that end a request early into answers, for every API.</summary>
internal static class Failures
{
    /// <summary>
    /// Answers a request. Once an answer has started, no error can be told any more: the exception goes on, and the connection is closed.
    /// </summary>
    /// <param name="known">Makes an error of the API out of an exception; null: the exception is unexpected.</param>
    /// <param name="unexpected">The error of an exception that nobody expected; it is logged.</param>
    public static async Task AnswerAsync<T>(
        HttpContext context, ILogger log, Func<HttpContext, Task> answer, Func<Exception, T?> known, T unexpected,
        Func<HttpContext, T, Task> write) where T : class
    {
        T error;
        try
        {
            await answer(context);
            return;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone away, and what was done for it has ended: nobody is there to be told.
            return;
        }
        catch (Exception e) when (!context.Response.HasStarted && known(e) is { } expected)
        {
            error = expected;
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            log.LogError(e, "Request {RequestId} failed.", context.TraceIdentifier);
            error = unexpected;
        }
        await write(context, error);
    }
}
