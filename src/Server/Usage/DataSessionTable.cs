using Simkeeper.Core.Usage;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>The table of data sessions.</summary>
internal static class DataSessionTable
{
    private const bool Fixed = Columns.Fixed;

    public static readonly Table<DataSession> Rows = new(
        "data_sessions", Map, new DataSession { OrgId = default, SimId = default, Name = "", Id = default }, "org_id, sim_id, session");

    private static DataSession Map(Columns column, DataSession session) => new()
    {
        OrgId = column.Id("org_id", session.OrgId),
        SimId = column.Id("sim_id", session.SimId),
        Name = column.Text("session", session.Name),
        Id = column.Id("id", session.Id, Fixed),
        AccountId = column.Id("account_id", session.AccountId),
        Start = column.Time("started_at", session.Start),
        End = column.TimeOrNull("ended_at", session.End),
        ReportedAt = column.Time("reported_at", session.ReportedAt),
        MarkedAt = column.Number("marked_at", session.MarkedAt),
        Uploaded = column.Number("uploaded", session.Uploaded),
        Downloaded = column.Number("downloaded", session.Downloaded),
        Roaming = column.Text("roaming", session.Roaming),
        Mcc = column.TextOrNull("mcc", session.Mcc),
        Mnc = column.TextOrNull("mnc", session.Mnc),
        NetworkAt = column.TimeOrNull("network_at", session.NetworkAt),
        Radio = column.TextOrNull("radio", session.Radio),
        RadioAt = column.TimeOrNull("radio_at", session.RadioAt),
        Imei = column.TextOrNull("imei", session.Imei),
        ImeiAt = column.TimeOrNull("imei_at", session.ImeiAt),
    };
}
