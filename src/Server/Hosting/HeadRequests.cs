namespace Simkeeper.Server.Hosting;

/// <summary>
/// Answers HEAD as GET without a body, in every API (RFC 9110 9.3.2): the APIs see a GET, and Kestrel, which knows better, sends no body.
/// </summary>
internal static class HeadRequests
{
    private static readonly object Key = new();

    public static Task AsGetAsync(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Request.Method = HttpMethods.Get;
            context.Items[Key] = Key;
        }
        return next(context);
    }

    /// <summary>Tells an answer without an end that nobody reads it.</summary>
    public static bool IsHead(this HttpContext context) => context.Items.ContainsKey(Key);
}
