using Simkeeper.Core.Usage;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>The table of SIMs' running months.</summary>
internal static class DataPeriodTable
{
    private const bool Fixed = Columns.Fixed;

    public static readonly Table<(Guid OrgId, Guid SimId, DataPeriod Month)> Rows = new("data_periods", Map,
        (default, default, new(default, default, default, default, DataRestriction.Open, DataRestriction.Open, 0)), "org_id, sim_id");

    private static (Guid OrgId, Guid SimId, DataPeriod Month) Map(Columns column, (Guid OrgId, Guid SimId, DataPeriod Month) row) => (
        column.Id("org_id", row.OrgId),
        column.Id("sim_id", row.SimId),
        new(column.Time("anchor", row.Month.Anchor, Fixed),
            column.Time("starts_at", row.Month.Start),
            column.Time("ends_at", row.Month.End),
            new(column.Number("home", row.Month.Used.Home),
                column.Number("national", row.Month.Used.National),
                column.Number("international", row.Month.Used.International)),
            column.Text("wanted", row.Month.Wanted, Write, Read),
            // The carrier's answer alone changes it: a month that is counted meanwhile must not write the old state back.
            column.Text("in_effect", row.Month.InEffect, Write, Read, Fixed),
            column.Number("attempts", row.Month.Attempts)));

    private static string Write(DataRestriction restriction) => restriction.ToString();

    private static DataRestriction Read(string? text) => DataRestriction.Parse(text!);
}
