using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>The statements on Idempotency-Keys and the answers that were given under them.</summary>
internal static class IdempotencySql
{
    public static readonly Sql Find = new("""
        select request_hash, body from idempotency
        where org_id = @org_id and account_id = @account_id and key = @key and created_at > @oldest
        """);

    /// <summary>Deletes expired keys, a few with each new key.</summary>
    public static readonly Sql DeleteOld = new("""
        delete from idempotency where org_id = @org_id and account_id = @account_id and key in (
          select key from idempotency where org_id = @org_id and account_id = @account_id and created_at <= @oldest
          order by created_at limit 100)
        """);

    public static readonly Sql Insert = new("""
        insert into idempotency (org_id, account_id, key, request_hash, status, body, created_at)
        values (@org_id, @account_id, @key, @request_hash, @status, @body, @now)
        on conflict (org_id, account_id, key) do update set request_hash = @request_hash, status = @status, body = @body, created_at = @now
          where idempotency.created_at <= @oldest
        """);
}
