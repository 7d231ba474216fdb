using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Commands;

/// <summary>The statement on an account's queue of Commands.</summary>
internal static class CommandQueueSql
{
    /// <summary>
    /// Gives a row if more Commands of an account are queued than are to be skipped. It reads as many entries of an index.
    /// </summary>
    public static readonly Sql IsFull = new("""
        select id from commands where org_id = @org_id and account_id = @account_id and status = 'queued' order by id limit 1 offset @skip
        """);
}
