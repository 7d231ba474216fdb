using Simkeeper.Core.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The table of SIMs.</summary>
internal static class SimTable
{
    private const bool Fixed = Columns.Fixed;

    private static readonly Sim Blank = new()
    {
        OrgId = default,
        Id = default,
        AccountId = default,
        Iccid = "",
        Type = default,
        Provider = "",
        StatusSince = default,
        UpdatedAt = default,
    };

    public static readonly Table<Sim> Rows = new("sims", Map, Blank);

    /// <summary>
    /// The table for updates that keep every column of an index: the embedded store writes all indexes anew of which an update names a
    /// column, though its value stays the same.
    /// </summary>
    public static readonly Table<Sim> Unlisted =
        new("sims", Map, Blank, kept: "account_id, unique_name, status, shown, rate_plan_id, user_id");

    /// <summary>True if a change keeps every column of an index.</summary>
    public static bool KeepsLists(Sim before, Sim after) =>
        before.AccountId == after.AccountId && before.UniqueName == after.UniqueName && before.Status == after.Status
        && before.Progress == after.Progress && before.RatePlanId == after.RatePlanId && before.User == after.User;

    private static Sim Map(Columns column, Sim sim) => new()
    {
        OrgId = column.Id("org_id", sim.OrgId),
        Id = column.Id("id", sim.Id),
        AccountId = column.Id("account_id", sim.AccountId),
        Iccid = column.Text("iccid", sim.Iccid, Fixed),
        Imsi = column.TextOrNull("imsi", sim.Imsi, Fixed),
        Msisdn = column.TextOrNull("msisdn", sim.Msisdn, Fixed),
        Eid = column.TextOrNull("eid", sim.Eid, Fixed),
        Type = column.Word("type", sim.Type, SimTypes.Words, Fixed),
        Provider = column.Text("provider", sim.Provider, Fixed),
        UniqueName = column.TextOrNull("unique_name", sim.UniqueName),
        FriendlyName = column.TextOrNull("friendly_name", sim.FriendlyName),
        Status = column.Word("status", sim.Status, SimStatusNames.Words),
        Progress = column.Text("shown", sim, static sim => sim.Shown, SimStatusNames.ProgressOf),
        StatusSince = column.Time("status_since", sim.StatusSince),
        Resetting = column.Flag("resetting", sim.Resetting),
        RatePlanId = column.IdOrNull("rate_plan_id", sim.RatePlanId),
        Narrowband = column.Flag("narrowband", sim.Narrowband, Fixed),
        RegistrationCode = column.TextOrNull("registration_code", sim.RegistrationCode, Fixed),
        User = column.TextOrNull("user_id", sim.User),
        IpAddress = column.TextOrNull("ip_address", sim.IpAddress, Fixed),
        Metadata = column.Text("metadata", sim.Metadata, static metadata => StringMap.WriteOrNull(metadata.Entries), ReadMetadata),
        Hooks = column.Text("hooks", sim.Hooks, StringMap.WriteOrNull, ReadHooks),
        SmdpAddress = column.TextOrNull("smdp_address", sim.SmdpAddress, Fixed),
        SealedMatchingId = column.BytesOrNull("sealed_matching_id", sim.SealedMatchingId, Fixed),
        ConfirmationCodeRequired = column.Flag("confirmation_code_required", sim.ConfirmationCodeRequired, Fixed),
        ProfileStatus = column.Word("profile_status", sim.ProfileStatus, ProfileStatusNames.Words),
        ProfileUpdatedAt = column.TimeOrNull("profile_updated_at", sim.ProfileUpdatedAt),
        QrCounter = column.Number("qr_counter", sim.QrCounter),
        Remembered = Callback.OrNull(
            column.TextOrNull("remembered_url", sim.Remembered?.Url),
            column.TextOrNull("remembered_method", sim.Remembered?.Method),
            column.TextOrNull("remembered_dialect", sim.Remembered?.Dialect)),
        Commands = column.Number("commands", sim.Commands),
        DataBytes = column.Number("data_bytes", sim.DataBytes),
        SuspensionNoticed = column.Flag("suspension_noticed", sim.SuspensionNoticed),
        UpdatedAt = column.Time("updated_at", sim.UpdatedAt),
        Version = column.Version(sim.Version),
    };

    private static Metadata ReadMetadata(string? text) => text is null ? Metadata.Empty : Metadata.Of(StringMap.Read(text));

    private static IReadOnlyDictionary<string, string> ReadHooks(string? text) =>
        text is null ? SimHooks.None : StringMap.Read(text).ToDictionary();
}
