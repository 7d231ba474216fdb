namespace Simkeeper.Server.Hosting;

/// <summary>The first step of every request: notes that its connection is busy, and forbids browsers to guess what an answer is.</summary>
internal sealed class Arrivals(TimeProvider wall)
{
    public Task CountAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (context.Features.Get<OpenConnection>() is not { } connection)
            return next(context);
        connection.Begin();
        var answered = next(context);
        if (!answered.IsCompleted)
            return EndAsync(answered, connection);
        connection.End(wall.GetTimestamp());
        return answered;
    }

    private async Task EndAsync(Task answered, OpenConnection connection)
    {
        try
        {
            await answered;
        }
        finally
        {
            connection.End(wall.GetTimestamp());
        }
    }
}
