using System.Net.Sockets;
using Npgsql;

namespace Simkeeper.Server.Storage.Postgres;

/// <summary>Maps errors of PostgreSQL to their meaning here (its manual, appendix A).</summary>
internal static class PostgresErrors
{
    private const string IdleInTransaction = "25P03";

    /// <summary>The starts of the codes that say that the server is away.</summary>
    private static readonly string[] Away = ["08", "53", "57P", "58"];

    /// <summary>
    /// Another transaction was in the way. A unique violation counts too: work first looks if a value is taken, so on its second run it
    /// sees the other's row and gives the proper error.
    /// </summary>
    public static bool IsRace(PostgresException e) => e.SqlState is PostgresErrorCodes.SerializationFailure
        or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation;

    /// <summary>
    /// The server is down, starting, stopping, out of connections, disk or memory (class 53), failing (class 58), or only a standby; or it
    /// did not answer in time; or none of several hosts can be used, which the driver reports with many causes or none.
    /// </summary>
    public static bool IsAway(NpgsqlException e) => e is PostgresException { SqlState: var state }
        ? Away.Any(start => state.StartsWith(start, StringComparison.Ordinal))
            || state is PostgresErrorCodes.ReadOnlySqlTransaction or IdleInTransaction or PostgresErrorCodes.QueryCanceled
        : e.IsTransient || e.InnerException is null or AggregateException or IOException or SocketException or TimeoutException;

    /// <summary>The time allowed is used up, so there is no second try.</summary>
    public static bool IsTimeout(NpgsqlException e) => e.InnerException is TimeoutException
        || e is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled };
}
