using Simkeeper.Core.Deliveries;

namespace Simkeeper.Server.Deliveries;

/// <summary>An attempt that has been recorded, and the state of its delivery after it.</summary>
internal sealed record AttemptEnded(Delivery Delivery, DeliveryAttempt Attempt, DeliveryState State);

/// <summary>Tells watchers of attempts in this process. They read the deliveries themselves from the store.</summary>
internal sealed class DeliveryFeed : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopped = new();

    public event Action<AttemptEnded>? Attempted;

    /// <summary>Tells watchers to let go, since the server is about to stop.</summary>
    public CancellationToken Stopped => _stopped.Token;

    public void Tell(AttemptEnded ended) => Attempted?.Invoke(ended);

    public void Stop() => _stopped.Cancel();

    public ValueTask DisposeAsync()
    {
        _stopped.Dispose();
        return ValueTask.CompletedTask;
    }
}
