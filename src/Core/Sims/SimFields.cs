namespace Simkeeper.Core.Sims;

/// <summary>
/// The fields of a SIM that events report, by name: the events of a SIM, replayed, give these. Secrets, counters and the progress of an
/// open operation are left out.
/// </summary>
public static class SimFields
{
    private static readonly (string Name, Func<Sim, object?> Get)[] All =
    [
        ("account", sim => Ids.ToSid("AC", sim.AccountId)),
        ("iccid", sim => sim.Iccid),
        ("imsi", sim => sim.Imsi),
        ("msisdn", sim => sim.Msisdn),
        ("eid", sim => sim.Eid),
        ("type", sim => sim.Type.ToWire()),
        ("provider", sim => sim.Provider),
        ("uniqueName", sim => sim.UniqueName),
        ("friendlyName", sim => sim.FriendlyName),
        ("status", sim => sim.Status.ToWire()),
        ("ratePlan", sim => sim.RatePlanId is { } plan ? Ids.ToSid("WP", plan) : null),
        ("narrowband", sim => sim.Narrowband ? "true" : null),
        ("registrationCode", sim => sim.RegistrationCode),
        ("user", sim => sim.User),
        ("ipAddress", sim => sim.IpAddress),
        ("metadata", sim => sim.Metadata.Entries.Count == 0 ? null : sim.Metadata.Entries),
        ("hooks", sim => sim.Hooks.Count == 0 ? null : sim.Hooks),
        ("smdpAddress", sim => sim.SmdpAddress),
        ("confirmationCodeRequired", sim => sim.ConfirmationCodeRequired ? "true" : null),
        ("profileStatus", sim => sim.ProfileStatus == ProfileStatus.Unknown ? null : sim.ProfileStatus.ToWire()),
    ];

    /// <summary>The fields in which two SIMs differ, each with its value before and after: null, a string, or a map of strings.</summary>
    /// <param name="before">Null for a SIM that is being created.</param>
    /// <param name="after">Null for a SIM that is being deleted.</param>
    public static IEnumerable<(string Name, object? Previous, object? Updated)> Changes(Sim? before, Sim? after)
    {
        foreach (var (name, get) in All)
        {
            var previous = before is null ? null : get(before);
            var updated = after is null ? null : get(after);
            if (!Same(previous, updated))
                yield return (name, previous, updated);
        }
    }

    public static bool Differ(Sim before, Sim after) => Changes(before, after).Any();

    private static bool Same(object? a, object? b) => (a, b) switch
    {
        (IReadOnlyDictionary<string, string> x, IReadOnlyDictionary<string, string> y) =>
            ReferenceEquals(x, y) || (x.Count == y.Count && x.All(pair => y.TryGetValue(pair.Key, out var other) && other == pair.Value)),
        _ => Equals(a, b),
    };
}
