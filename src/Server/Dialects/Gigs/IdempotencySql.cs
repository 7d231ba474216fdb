using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>
/// The statements on Idempotency-Keys and the answers that were given under them. A row that is not younger than <c>@oldest</c> has ended;
/// one that is not older than <c>@newest</c> is from before the clock was set back, and has ended too.
/// </summary>
internal static class IdempotencySql
{
    public static readonly Sql Find = new("""
        select request_hash, body from idempotency
        where org_id = @org_id and account_id = @account_id and key = @key and created_at > @oldest and created_at < @newest
        """);

    public static readonly Sql Insert = new("""
        insert into idempotency (org_id, account_id, key, request_hash, status, body, created_at)
        values (@org_id, @account_id, @key, @request_hash, @status, @body, @now)
        on conflict (org_id, account_id, key) do update set request_hash = @request_hash, status = @status, body = @body, created_at = @now
          where idempotency.created_at <= @oldest or idempotency.created_at >= @newest
        """);

    /// <summary>Removes the oldest keys of an account beyond a number of rows and of bytes.</summary>
    public static readonly Sql Trim = new("""
        delete from idempotency where org_id = @org_id and account_id = @account_id and key in (
          select key from (
            select key, row_number() over newest as number, sum(length(key) + length(body)) over newest as bytes
            from idempotency where org_id = @org_id and account_id = @account_id
            window newest as (order by created_at desc, key rows unbounded preceding)) kept
          where number > @rows or bytes > @bytes)
        """);

    /// <summary>Find orgs that have keys that have ended: one index probe per org.</summary>
    public static readonly Sql OrgsWithOld = Orgs("created_at <= @oldest"), OrgsWithAhead = Orgs("created_at >= @newest");

    /// <summary>Find keys of an org that have ended, and skip those that another server is removing.</summary>
    public static readonly Sql Old = Ended("created_at <= @oldest"), Ahead = Ended("created_at >= @newest");

    public static readonly Sql Remove = new("delete from idempotency where org_id = @org_id and created_at between @first and @last");

    private static Sql Ended(string condition) => new(
        $"select created_at from idempotency where org_id = @org_id and {condition} order by created_at limit @limit {Sql.SkipLocked}");

    private static Sql Orgs(string condition) => new(
        $"select org_id from orgs o where exists (select 1 from idempotency i where i.org_id = o.org_id and i.{condition})");
}
