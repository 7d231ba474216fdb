using Simkeeper.Core.Usage;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>The statements on answers of carriers to data limits. Each changes a row only while the same restriction is wanted.</summary>
internal static class DataLimitSql
{
    public static readonly Sql Confirm = new("""
        update data_periods set in_effect = @in_effect, attempts = 0 where org_id = @org_id and sim_id = @sim_id and wanted = @in_effect
        """);

    public static readonly Sql Failed = new("""
        update data_periods set attempts = attempts + 1 where org_id = @org_id and sim_id = @sim_id and wanted = @wanted
        """);

    /// <summary>See <see cref="DataPeriod.IsRefused"/>.</summary>
    public static readonly Sql Refuse = new("""
        update data_periods set attempts = -1 where org_id = @org_id and sim_id = @sim_id and wanted = @wanted
        """);
}
