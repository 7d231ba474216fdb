using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>The statements that find old usage and remove old moves.</summary>
internal static class OldUsageSql
{
    /// <summary>Moves of SIMs that are older than <c>Usage:Retention</c>: no report of use before them is taken any more.</summary>
    public static readonly OldRowsSql Moves = OldRowsSql.ByTime("sim_moves", "at");

    /// <summary>Finds the next SIM that has usage, and its oldest hour: one index probe.</summary>
    public static readonly Sql NextSim = new("""
        select sim_id, hour from usage_hours where org_id = @org_id and sim_id > @after order by sim_id, hour limit 1
        """);

    /// <summary>Finds the next account that has usage, and its oldest hour: one index probe.</summary>
    public static readonly Sql NextAccount = new("""
        select account_id, hour from account_usage_hours where org_id = @org_id and account_id > @after order by account_id, hour limit 1
        """);
}
