namespace Simkeeper.Server.Storage;

/// <summary>The store cannot be reached, or was lost during the work: a write may or may not be durable. Every API answers 503.</summary>
internal sealed class StoreAwayException(Exception inner) : Exception("The store cannot be reached.", inner)
{
    /// <summary>The wait before the next try that a caller is told, in seconds (<c>Retry-After</c>).</summary>
    public const int RetryAfterSeconds = 1;
}
