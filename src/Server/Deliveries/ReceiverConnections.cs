using System.Net.Sockets;

namespace Simkeeper.Server.Deliveries;

/// <summary>
/// Bounds the connections to receivers, of all receivers together. As many attempts are made at once as there may be connections; further
/// ones wait. Where a new connection would be one too many, the one that has been idle for the longest time is closed.
/// </summary>
/// <param name="max">The most connections.</param>
internal sealed class ReceiverConnections(int max) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Connection> _idle = [];
    private readonly SemaphoreSlim _attempts = new(max);

    /// <summary>
    /// The attempt whose code runs. A connection learns by it which attempt writes to it: the client's pool does not tell.
    /// </summary>
    private readonly AsyncLocal<Use?> _current = new();

    private TaskCompletionSource _closed = NewSignal();
    private int _open;

    /// <summary>The number of connections that are open or are being opened.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Waits for the turn of an attempt, which ends when the result is disposed.</summary>
    public async Task<Use> BeginAsync(CancellationToken stop)
    {
        await _attempts.WaitAsync(stop);
        return new Use(this);
    }

    /// <summary>Takes the place of a connection that is to be opened: <see cref="Track"/> or <see cref="GiveBack"/> follows.</summary>
    public async Task TakePlaceAsync(CancellationToken stop)
    {
        while (true)
        {
            Connection? oldest;
            Task closed;
            lock (_lock)
            {
                if (_open < max)
                {
                    _open++;
                    return;
                }
                (oldest, closed) = (_idle.First?.Value, _closed.Task);
                if (oldest is not null)
                {
                    Forget(oldest);
                    oldest.IsGivenUp = true;
                }
            }
            if (oldest is not null)
                await oldest.DisposeAsync();
            else
                await closed.WaitAsync(stop);
        }
    }

    /// <summary>Makes a stream of a connected socket.</summary>
    public Stream Track(Socket socket)
    {
        var connection = new Connection(socket, this);
        lock (_lock)
            connection.Place = _idle.AddLast(connection);
        return connection;
    }

    /// <summary>Gives back a place whose connection was not opened, or was closed.</summary>
    public void GiveBack()
    {
        lock (_lock)
        {
            _open--;
            _closed.SetResult();
            _closed = NewSignal();
        }
    }

    public void Dispose() => _attempts.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Written(Connection connection)
    {
        if (_current.Value is not { } use || use.Connection == connection)
            return;
        lock (_lock)
        {
            if (connection.IsGivenUp)
                throw new ConnectionGivenUpException();
            Forget(connection);
            use.Connection = connection;
        }
    }

    private void Closed(Connection connection)
    {
        lock (_lock)
            Forget(connection);
        GiveBack();
    }

    private void Forget(Connection connection)
    {
        if (connection.Place is not null)
            _idle.Remove(connection.Place);
        connection.Place = null;
    }

    /// <summary>An attempt, from its turn to its end.</summary>
    internal sealed class Use(ReceiverConnections all) : IDisposable
    {
        /// <summary>The connection that it has written to last.</summary>
        public Connection? Connection { get; set; }

        /// <summary>Says that the code from here on is the attempt's.</summary>
        public void Enter() => all._current.Value = this;

        public void Dispose()
        {
            lock (all._lock)
            {
                if (Connection is { IsClosed: false, Place: null } connection)
                    connection.Place = all._idle.AddLast(connection);
            }
            all._attempts.Release();
        }
    }

    /// <summary>A connection to a receiver.</summary>
    internal sealed class Connection(Socket socket, ReceiverConnections all) : NetworkStream(socket, ownsSocket: true)
    {
        private int _isClosed;

        public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

        /// <summary>Its place among the idle ones; null: an attempt uses it, or it is closed.</summary>
        public LinkedListNode<Connection>? Place { get; set; }

        /// <summary>True if it is closed to make room for another, although an attempt may just have been given it.</summary>
        public bool IsGivenUp { get; set; }

        /// <exception cref="ConnectionGivenUpException">Nothing was written.</exception>
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            all.Written(this);
            return base.WriteAsync(buffer, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (Interlocked.Exchange(ref _isClosed, 1) == 0)
                all.Closed(this);
        }
    }
}

/// <summary>
/// The connection that an attempt was given was closed to make room before the attempt wrote anything. Another one can be had.
/// </summary>
internal sealed class ConnectionGivenUpException() : IOException("The connection was closed to make room for another.")
{
    /// <summary>Says if this is the cause of a failure.</summary>
    public static bool IsCause(Exception? failure) =>
        failure is not null && (failure is ConnectionGivenUpException || IsCause(failure.InnerException));
}
