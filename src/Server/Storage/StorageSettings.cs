using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Storage;

/// <summary>Settings of the store.</summary>
internal sealed class StorageSettings(Settings read)
{
    public string Data { get; } = read.Text("Storage:Data", "./.simkeeper", "The data folder of the embedded store. The same as `--data`.");

    /// <summary>The time for which a start tries to reach PostgreSQL.</summary>
    public TimeSpan StartPatience { get; } = read.Duration("Storage:StartPatience", "1m", "0s", "1h",
        "How long a start tries to reach PostgreSQL, which may be starting too.");

    /// <summary>A connection string. It holds a password: never log it.</summary>
    public string? Database { get; } = read.TextOrNull("Storage:Database",
        "A PostgreSQL connection string, for any number of servers on one store. Without it the store is embedded, in the data folder. "
        + "The same as `--database`.");

    public TimeSpan RequestTime { get; } = read.Duration("Storage:RequestTime", "10s", "100ms", "1h",
        "The time that a request may take, from its headers until it has read or its write has begun; then it ends with 503. Imports, "
        + "streams, usage reports, redeliveries and moves of the clock take as long as they need.");
}
