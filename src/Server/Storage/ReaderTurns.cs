namespace Simkeeper.Server.Storage;

/// <summary>
/// Gives out a fixed number of readers. The requests of one org hold at most three quarters of them, so whatever they read, another org's
/// request finds one. Those who wait get theirs org by org, by turns.
/// </summary>
/// <param name="count">The number of readers.</param>
internal sealed class ReaderTurns(int count)
{
    /// <summary>Stands for work that is no request's: it has no share to keep to.</summary>
    private static readonly Guid Own = Guid.AllBitsSet;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, int> _held = [];

    /// <summary>The waiting requests of each org; the org whose turn is next comes first.</summary>
    private readonly LinkedList<(Guid Org, Queue<TaskCompletionSource> Waiting)> _turns = [];

    private int _free = count;

    /// <summary>The most readers that requests of one org hold.</summary>
    public int ShareMax { get; } = count - Math.Max(1, count / 4);

    /// <summary>The org that a reader is taken for, to be given back with it.</summary>
    public static Guid OrgOf(Patience? patience) => patience is null ? Own : patience.OrgId ?? Guid.Empty;

    /// <summary>Waits for a reader.</summary>
    /// <exception cref="OutOfTimeException">The time of the request is used up.</exception>
    /// <exception cref="OperationCanceledException">The caller has gone away.</exception>
    public ValueTask TakeAsync(Guid org, Patience? patience)
    {
        TaskCompletionSource turn;
        lock (_lock)
        {
            if (_free > 0 && MayTake(org))
            {
                Take(org);
                return ValueTask.CompletedTask;
            }
            turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
            QueueOf(org).Enqueue(turn);
        }
        return new(patience is null ? turn.Task : WaitAsync(org, turn, patience));
    }

    /// <summary>Gives a reader back.</summary>
    public void Return(Guid org)
    {
        lock (_lock)
        {
            _free++;
            if (_held[org] == 1)
                _held.Remove(org);
            else
                _held[org]--;
            while (_free > 0 && Next())
            {
                // One that comes back may let in only one; of those who went away none counts.
            }
        }
    }

    private bool MayTake(Guid org) => org == Own || _held.GetValueOrDefault(org) < ShareMax;

    private void Take(Guid org)
    {
        _free--;
        _held[org] = _held.GetValueOrDefault(org) + 1;
    }

    /// <summary>Lets in the first who may; false if nobody may.</summary>
    private bool Next()
    {
        for (var node = _turns.First; node is not null;)
        {
            var (org, waiting) = node.Value;
            var next = node.Next;
            while (waiting.TryPeek(out var gone) && gone.Task.IsCompleted)
                waiting.Dequeue();
            if (waiting.Count == 0)
            {
                _turns.Remove(node);
            }
            else if (MayTake(org) && waiting.Dequeue().TrySetResult())
            {
                Take(org);
                _turns.Remove(node);
                if (waiting.Count > 0)
                    _turns.AddLast(node);
                return true;
            }
            node = next;
        }
        return false;
    }

    private Queue<TaskCompletionSource> QueueOf(Guid org)
    {
        foreach (var turn in _turns)
        {
            if (turn.Org == org)
                return turn.Waiting;
        }
        var waiting = new Queue<TaskCompletionSource>();
        _turns.AddLast((org, waiting));
        return waiting;
    }

    private async Task WaitAsync(Guid org, TaskCompletionSource turn, Patience patience)
    {
        try
        {
            await turn.Task.WaitAsync(patience.Left, patience.Gone);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // The turn came in the same moment: it is somebody else's.
            if (!turn.TrySetCanceled(CancellationToken.None))
                Return(org);
            patience.Check();
            throw new OutOfTimeException();
        }
    }
}
