using Simkeeper.Core.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The table of rate plans. All but the names is fixed when a plan is made.</summary>
internal static class RatePlanTable
{
    private const bool Fixed = Columns.Fixed;

    public static readonly Table<RatePlan> Rows = new(
        "rate_plans", Map, new RatePlan { OrgId = default, Id = default, AccountId = default });

    private static RatePlan Map(Columns column, RatePlan plan) => new()
    {
        OrgId = column.Id("org_id", plan.OrgId),
        Id = column.Id("id", plan.Id),
        AccountId = column.Id("account_id", plan.AccountId, Fixed),
        UniqueName = column.TextOrNull("unique_name", plan.UniqueName),
        FriendlyName = column.TextOrNull("friendly_name", plan.FriendlyName),
        DataEnabled = column.Flag("data_enabled", plan.DataEnabled, Fixed),
        DataMetering = column.Text("data_metering", plan.DataMetering, Fixed),
        DataLimit = column.Number("data_limit", plan.DataLimit, Fixed),
        DataLimitStrategy = column.Word("data_limit_strategy", plan.DataLimitStrategy, RatePlanNames.Strategies, Fixed),
        MessagingEnabled = column.Flag("messaging_enabled", plan.MessagingEnabled, Fixed),
        VoiceEnabled = column.Flag("voice_enabled", plan.VoiceEnabled, Fixed),
        NationalRoamingEnabled = column.Flag("national_roaming_enabled", plan.NationalRoamingEnabled, Fixed),
        NationalRoamingDataLimit = column.Number("national_roaming_data_limit", plan.NationalRoamingDataLimit, Fixed),
        InternationalRoaming = column.Text(
            "international_roaming", plan.InternationalRoaming, static services => string.Join(',', services), ReadServices, Fixed),
        InternationalRoamingDataLimit = column.Number("international_roaming_data_limit", plan.InternationalRoamingDataLimit, Fixed),
        Narrowband = column.Word("narrowband", plan.Narrowband, RatePlanNames.Narrowbands, Fixed),
        CreatedAt = column.Time("created_at", plan.CreatedAt, Fixed),
        UpdatedAt = column.Time("updated_at", plan.UpdatedAt),
    };

    private static IReadOnlyList<string> ReadServices(string? text) => text!.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
