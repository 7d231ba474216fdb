using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Carriers;

/// <summary>The statement that counts the work waiting for a carrier.</summary>
internal static class CarrierQueueSql
{
    /// <summary>The most jobs that are counted in one org and lane.</summary>
    public const int CountedMax = 10_000;

    /// <summary>Counts the waiting jobs of one org and lane, and finds the oldest: one bounded look into the index of due jobs.</summary>
    public static readonly Sql Waiting = new("""
        with waiting as (
          select subject_id from jobs where org_id = @org_id and lane = @lane and budget = @budget
            and (lease_until is null or lease_until < @wall) order by due_at limit @limit)
        select count(*), (select subject_id from waiting order by subject_id limit 1) from waiting
        """);
}
