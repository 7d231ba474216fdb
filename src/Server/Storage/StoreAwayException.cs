namespace Simkeeper.Server.Storage;

/// <summary>The store cannot be reached, or was lost in the middle: a write may or may not have become durable. Every API says 503.</summary>
internal sealed class StoreAwayException(Exception inner) : Exception("The store cannot be reached.", inner)
{
    /// <summary>What a caller is told to wait before the next try, in seconds (<c>Retry-After</c>).</summary>
    public const int RetryAfterSeconds = 1;
}
