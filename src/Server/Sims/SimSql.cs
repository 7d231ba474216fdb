using Simkeeper.Core.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The statements on SIMs and their events.</summary>
internal static class SimSql
{
    /// <summary>All columns, in the order in which <see cref="Read"/> and <see cref="Values"/> have them.</summary>
    public const string Columns = """
        org_id, id, account_id, iccid, imsi, msisdn, eid, type, provider, unique_name, friendly_name, status, shown, status_since,
        resetting, rate_plan_id, narrowband, registration_code, user_id, ip_address, metadata, hooks, smdp_address, sealed_matching_id,
        confirmation_code_required, profile_status, profile_updated_at, qr_counter, remembered_url, remembered_method, commands,
        data_bytes, suspension_noticed, updated_at, version, remembered_dialect
        """;

    public static readonly int ColumnCount = Names(Columns).Length;

    public static readonly Sql Insert = new($"insert into sims ({Columns}) values ({AsParameters(Columns)})");

    public static readonly Sql
        ById = new($"select {AsColumnsOf("s", Columns)} from sims s where s.org_id = @org_id and s.id = @id"),
        ByUniqueName = new($"""
            select {AsColumnsOf("s", Columns)} from sims s
            where s.org_id = @org_id and s.account_id = @account_id and s.unique_name = @unique_name
            """);

    public static readonly Sql ByIccid = new($"select {Columns} from sims where org_id = @org_id and iccid = @iccid");

    /// <summary>For operators, over all orgs: one index probe per org. SQLite keeps the order of a cross join; of its own accord it would
    /// read every SIM first.</summary>
    public static readonly Sql ByIdAnywhere =
        new($"select {AsColumnsOf("s", Columns)} from orgs o cross join sims s where s.org_id = o.org_id and s.id = @id");

    /// <summary>The statements that find one SIM, <c>s</c>.</summary>
    public static readonly IReadOnlyList<Sql> Finders = [ById, ByUniqueName, ByIdAnywhere];

    /// <summary>What an update may change; the identity of a SIM stays.</summary>
    public static readonly Sql Update = new("""
        update sims set account_id = @account_id, unique_name = @unique_name, friendly_name = @friendly_name, status = @status,
          shown = @shown, status_since = @status_since, resetting = @resetting, rate_plan_id = @rate_plan_id, user_id = @user_id,
          metadata = @metadata, hooks = @hooks, profile_status = @profile_status, profile_updated_at = @profile_updated_at,
          qr_counter = @qr_counter, remembered_url = @remembered_url, remembered_method = @remembered_method,
          remembered_dialect = @remembered_dialect, commands = @commands, data_bytes = @data_bytes,
          suspension_noticed = @suspension_noticed, updated_at = @updated_at, version = version + 1
        where org_id = @org_id and id = @id and version = @version
        """);

    /// <summary>The next timers of an org, and whether a callback follows.</summary>
    public static readonly Sql NextTimers = new("""
        select j.subject_id, j.due_at, case when s.remembered_url is null then 0 else 1 end from jobs j
        left join sims s on s.org_id = j.org_id and s.id = j.subject_id
        where j.org_id = @org_id and j.lane = @lane and j.budget = '' and j.due_at <= @until and j.kind = 'timer'
        order by j.due_at limit @limit
        """);

    public static readonly Sql Delete = new("delete from sims where org_id = @org_id and id = @id and version = @version");

    public static readonly Sql UniqueNameTaken = new("""
        select 1 from sims where org_id = @org_id and account_id = @account_id and unique_name = @unique_name and id <> @id
        """);

    /// <summary>Who owned the SIM until it moves now.</summary>
    public static readonly Sql InsertMove = new("""
        insert into sim_moves (org_id, sim_id, at, account_id) values (@org_id, @sim_id, @at, @account_id)
        on conflict (org_id, sim_id, at) do nothing
        """);

    public static readonly Sql InsertEvent = new("""
        insert into events (org_id, id, sim_id, account_id, type, actor_kind, actor_sid, actor_address, operation_id, data)
        values (@org_id, @id, @sim_id, @account_id, @type, @actor_kind, @actor_sid, @actor_address, @operation_id, @data)
        """);

    /// <summary>A finder that also reads what another room wants read along: a row for each of its rows, or one.</summary>
    public static Sql With(Sql finder, Joined along)
    {
        var where = finder.Text.IndexOf("where", StringComparison.Ordinal);
        var from = finder.Text.IndexOf(" from", StringComparison.Ordinal);
        return new Sql(
            $"{finder.Text[..from]}, {string.Join(", ", along.Columns)}{finder.Text[from..where]}{along.Joins} {finder.Text[where..]}");
    }

    public static Sim Read(Row row) => new()
    {
        OrgId = row.Id(0),
        Id = row.Id(1),
        AccountId = row.Id(2),
        Iccid = row.Text(3),
        Imsi = row.TextOrNull(4),
        Msisdn = row.TextOrNull(5),
        Eid = row.TextOrNull(6),
        Type = row.Text(7) == "eSIM" ? SimType.ESim : SimType.PSim,
        Provider = row.Text(8),
        UniqueName = row.TextOrNull(9),
        FriendlyName = row.TextOrNull(10),
        Status = SimStatusNames.Settled(row.Text(11))!.Value,
        Progress = SimStatusNames.ProgressOf(row.Text(12)),
        StatusSince = row.Time(13),
        Resetting = row.Flag(14),
        RatePlanId = row.IdOrNull(15),
        Narrowband = row.Flag(16),
        RegistrationCode = row.TextOrNull(17),
        User = row.TextOrNull(18),
        IpAddress = row.TextOrNull(19),
        Metadata = row.TextOrNull(20) is { } metadata ? Metadata.Of(StringMap.Read(metadata)) : Metadata.Empty,
        Hooks = row.TextOrNull(21) is { } hooks ? StringMap.Read(hooks).ToDictionary() : SimHooks.None,
        SmdpAddress = row.TextOrNull(22),
        SealedMatchingId = row.BytesOrNull(23),
        ConfirmationCodeRequired = row.Flag(24),
        ProfileStatus = ReadProfile(row.Text(25)),
        ProfileUpdatedAt = row.TimeOrNull(26),
        QrCounter = (int)row.Number(27),
        Remembered = row.TextOrNull(28) is { } url ? new Callback(url, row.Text(29), row.Text(35)) : null,
        Commands = row.Number(30),
        DataBytes = row.Number(31),
        SuspensionNoticed = row.Flag(32),
        UpdatedAt = row.Time(33),
        Version = row.Number(34),
    };

    /// <summary>The values of a new row, in column order.</summary>
    public static object?[] Values(Sim sim) =>
    [
        sim.OrgId, sim.Id, sim.AccountId, sim.Iccid, sim.Imsi, sim.Msisdn, sim.Eid, sim.Type.ToWire(), sim.Provider, sim.UniqueName,
        sim.FriendlyName, sim.Status.ToWire(), sim.Shown, sim.StatusSince, sim.Resetting, sim.RatePlanId, sim.Narrowband,
        sim.RegistrationCode, sim.User, sim.IpAddress, StringMap.WriteOrNull(sim.Metadata.Entries), StringMap.WriteOrNull(sim.Hooks),
        sim.SmdpAddress, sim.SealedMatchingId, sim.ConfirmationCodeRequired, ProfileName(sim.ProfileStatus), sim.ProfileUpdatedAt,
        sim.QrCounter, sim.Remembered?.Url, sim.Remembered?.Method, sim.Commands, sim.DataBytes, sim.SuspensionNoticed, sim.UpdatedAt,
        sim.Version, sim.Remembered?.Dialect,
    ];

    /// <summary>The values of <see cref="Update"/>, for a SIM that carries the version it was read with.</summary>
    public static object?[] UpdateValues(Sim sim) =>
    [
        sim.AccountId, sim.UniqueName, sim.FriendlyName, sim.Status.ToWire(), sim.Shown, sim.StatusSince, sim.Resetting, sim.RatePlanId,
        sim.User, StringMap.WriteOrNull(sim.Metadata.Entries), StringMap.WriteOrNull(sim.Hooks), ProfileName(sim.ProfileStatus),
        sim.ProfileUpdatedAt, sim.QrCounter, sim.Remembered?.Url, sim.Remembered?.Method, sim.Remembered?.Dialect, sim.Commands,
        sim.DataBytes, sim.SuspensionNoticed, sim.UpdatedAt, sim.OrgId, sim.Id, sim.Version,
    ];

    public static string ProfileName(ProfileStatus status) => status switch
    {
        ProfileStatus.Unknown => "unknown",
        ProfileStatus.Installed => "installed",
        ProfileStatus.Enabled => "enabled",
        ProfileStatus.Disabled => "disabled",
        ProfileStatus.Deleted => "deleted",
    };

    private static ProfileStatus ReadProfile(string name) => name switch
    {
        "installed" => ProfileStatus.Installed,
        "enabled" => ProfileStatus.Enabled,
        "disabled" => ProfileStatus.Disabled,
        "deleted" => ProfileStatus.Deleted,
        _ => ProfileStatus.Unknown,
    };

    private static string AsParameters(string columns) => string.Join(", ", Names(columns).Select(name => "@" + name));

    private static string AsColumnsOf(string table, string columns) => string.Join(", ", Names(columns).Select(name => $"{table}.{name}"));

    private static string[] Names(string columns) =>
        columns.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
