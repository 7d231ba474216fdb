using Simkeeper.Core.Deliveries;

namespace Simkeeper.Server.Deliveries;

/// <summary>An attempt that has been recorded, and what its delivery has come to.</summary>
internal sealed record AttemptEnded(Delivery Delivery, DeliveryAttempt Attempt, DeliveryState State);

/// <summary>Tells those who watch deliveries of attempts in this process. They read the deliveries themselves from the store.</summary>
internal sealed class DeliveryFeed : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopped = new();

    public event Action<AttemptEnded>? Attempted;

    /// <summary>The server is about to stop; whoever watches is to let go.</summary>
    public CancellationToken Stopped => _stopped.Token;

    public void Tell(AttemptEnded ended) => Attempted?.Invoke(ended);

    public void Stop() => _stopped.Cancel();

    public ValueTask DisposeAsync()
    {
        _stopped.Dispose();
        return ValueTask.CompletedTask;
    }
}
