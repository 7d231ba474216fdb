using System.Net;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server;

/// <summary>
/// The places where a server meets what it does not control, each given as it is and taken back as it is to be used: so a test can make
/// the store fail, watch a carrier, or be the receiver.
/// </summary>
internal sealed record Seams(
    Func<Database, Database> Database, Func<ICarrier, ICarrier> Carrier, Func<HttpMessageHandler, HttpMessageHandler> Receiver)
{
    /// <summary>The addresses of a receiver's name.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = ResolveAsync;

    /// <summary>The time on which SIMs live, before it is moved; null: that of the store.</summary>
    public Func<Database, TimeProvider, DateTimeOffset>? Time { get; init; }

    /// <summary>
    /// Asks the machine's resolver, on a thread of its own: it blocks, and as long as it does, a thread of the pool would serve nobody.
    /// </summary>
    private static Task<IPAddress[]> ResolveAsync(string name, CancellationToken stop) => Task.Factory.StartNew(
        () => Dns.GetHostAddresses(name), stop, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public static readonly Seams None = new(database => database, carrier => carrier, receiver => receiver);
}
