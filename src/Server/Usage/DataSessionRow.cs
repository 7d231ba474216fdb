using Simkeeper.Core.Usage;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>A data session as a row, in the order of <see cref="UsageSql.SessionColumns"/>.</summary>
internal static class DataSessionRow
{
    public static DataSession Read(Row row) => new()
    {
        OrgId = row.Id(0),
        SimId = row.Id(1),
        Name = row.Text(2),
        Id = row.Id(3),
        AccountId = row.Id(4),
        Start = row.Time(5),
        End = row.TimeOrNull(6),
        ReportedAt = row.Time(7),
        MarkedAt = row.Number(8),
        Uploaded = row.Number(9),
        Downloaded = row.Number(10),
        Roaming = row.Text(11),
        Mcc = row.TextOrNull(12),
        Mnc = row.TextOrNull(13),
        NetworkAt = row.TimeOrNull(14),
        Radio = row.TextOrNull(15),
        RadioAt = row.TimeOrNull(16),
        Imei = row.TextOrNull(17),
        ImeiAt = row.TimeOrNull(18),
    };

    public static object?[] Values(DataSession session) =>
    [
        session.OrgId, session.SimId, session.Name, session.Id, session.AccountId, session.Start, session.End, session.ReportedAt,
        session.MarkedAt, session.Uploaded, session.Downloaded, session.Roaming, session.Mcc, session.Mnc, session.NetworkAt, session.Radio,
        session.RadioAt, session.Imei, session.ImeiAt,
    ];
}
