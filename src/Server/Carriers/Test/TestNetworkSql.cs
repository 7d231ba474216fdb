using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Carriers.Test;

/// <summary>The statements on the stored state of the network behind a test carrier.</summary>
internal static class TestNetworkSql
{
    /// <summary>The operation that made the present state.</summary>
    public static readonly Sql Operation = new("select operation_id from test_network where org_id = @org_id and sim_id = @sim_id");

    /// <summary>Stores a change. A late change, from a server that stood still meanwhile, does not undo a newer one.</summary>
    public static readonly Sql Write = new("""
        insert into test_network (org_id, sim_id, status, operation_id) values (@org_id, @sim_id, @status, @operation_id)
        on conflict (org_id, sim_id) do update set status = @status, operation_id = @operation_id
          where test_network.operation_id <= @operation_id
        """);

    public static readonly Sql RestrictData = new("""
        insert into test_network_data (org_id, sim_id, restricted) values (@org_id, @sim_id, @restricted)
        on conflict (org_id, sim_id) do update set restricted = @restricted
        """);

    public static readonly Sql OpenData = new("""
        update test_network_data set restricted = @restricted where org_id = @org_id and sim_id = @sim_id and restricted <> @restricted
        """);
}
