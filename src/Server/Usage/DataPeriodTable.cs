using Simkeeper.Core.Usage;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>The table of SIMs' running months.</summary>
internal static class DataPeriodTable
{
    private const bool Fixed = Columns.Fixed;

    public static readonly Table<DataPeriod> Rows = new(
        "data_periods", Map, new(default, default, default, default, default, default, default, default, default), "org_id, sim_id");

    private static DataPeriod Map(Columns column, DataPeriod period) => new(
        column.Id("org_id", period.OrgId),
        column.Id("sim_id", period.SimId),
        column.Time("anchor", period.Anchor, Fixed),
        column.Time("starts_at", period.Start),
        column.Time("ends_at", period.End),
        new(column.Number("home", period.Used.Home),
            column.Number("national", period.Used.National),
            column.Number("international", period.Used.International)),
        column.Text("wanted", period.Wanted, Write, Read),
        // The carrier's answer alone changes it: a month that is counted meanwhile must not write the old state back.
        column.Text("in_effect", period.InEffect, Write, Read, Fixed),
        column.Number("attempts", period.Attempts));

    private static string Write(DataRestriction restriction) => restriction.ToString();

    private static DataRestriction Read(string? text) => DataRestriction.Parse(text!);
}
