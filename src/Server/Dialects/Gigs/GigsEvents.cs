using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>A Gigs event about a change (Gigs, "Events and webhooks").</summary>
/// <param name="Type">One of <see cref="GigsEvents.Types"/>.</param>
/// <param name="Sim">The SIM after the change; if it is gone from its project, the SIM as it was there.</param>
/// <param name="Previous">The SIM before the change, for an event that reports old values; else null.</param>
public sealed record GigsEvent(string Type, Sim Sim, Sim? Previous = null)
{
    /// <summary>True if its data is the eSIM profile and not the SIM.</summary>
    public bool IsOfProfile => Type.StartsWith(GigsEvents.ProfilePrefix, StringComparison.Ordinal);
}

/// <summary>Finds the Gigs events of a SIM's change: none, one or several. Only changes that the Gigs dialect shows count.</summary>
public static class GigsEvents
{
    /// <summary>The start of the types of SIM events.</summary>
    public const string SimPrefix = "com.gigs.sim.";

    /// <summary>The start of the types of eSIM profile events.</summary>
    public const string ProfilePrefix = "com.gigs.eSimProfile.";

    /// <summary>The event of any visible change of a SIM.</summary>
    public const string SimUpdated = SimPrefix + "updated";

    private const string SimCreated = SimPrefix + "created";
    private const string SimDeleted = SimPrefix + "deleted";
    private const string ProfileUpdated = ProfilePrefix + "updated";

    /// <summary>All types.</summary>
    public static readonly IReadOnlyList<string> Types =
    [
        SimCreated, SimUpdated, SimPrefix + "activated", SimPrefix + "deactivated", SimPrefix + "retired", SimDeleted,
        ProfileUpdated, ProfilePrefix + "installed", ProfilePrefix + "enabled", ProfilePrefix + "disabled", ProfilePrefix + "deleted",
    ];

    /// <summary>The events of a change, in the order in which they are told.</summary>
    /// <param name="before">Null: the SIM was created.</param>
    /// <param name="after">Null: the SIM was deleted.</param>
    /// <param name="showsProfile">True if the eSIM profile of this provider's SIMs is shown at all.</param>
    public static IReadOnlyList<GigsEvent> Of(Sim? before, Sim? after, bool showsProfile)
    {
        if (before is null || after is null || before.AccountId != after.AccountId)
            return [.. Gone(before), .. Come(after)];
        var events = new List<GigsEvent>(2);
        var (from, to) = (before.Status.Gigs(), after.Status.Gigs());
        if (from != to || before.Type != after.Type || before.Provider != after.Provider || !SameMetadata(before, after))
            events.Add(new GigsEvent(SimUpdated, after, before));
        if (from != to)
            events.Add(new GigsEvent(SimPrefix + Verb(to), after));
        if (showsProfile && before.ProfileStatus != after.ProfileStatus && after.ProfileStatus != ProfileStatus.Unknown)
        {
            events.Add(new GigsEvent(ProfileUpdated, after, before));
            events.Add(new GigsEvent(ProfilePrefix + after.ProfileStatus.ToWire(), after));
        }
        return events;
    }

    /// <summary>Says if a text is a pattern: a type, <c>*</c> for all of them, or <c>com.gigs.sim.*</c> for those that start so.</summary>
    public static bool IsPattern(string pattern) => Types.Any(type => Matches(pattern, type));

    /// <summary>Says if a selection of such patterns includes a type.</summary>
    public static bool Selects(IEnumerable<string> patterns, string type) => patterns.Any(pattern => Matches(pattern, type));

    /// <summary>Says if both have the same metadata, in any order of the keys.</summary>
    public static bool SameMetadata(Sim a, Sim b)
    {
        var (x, y) = (a.Metadata.Entries, b.Metadata.Entries);
        return ReferenceEquals(x, y)
            || (x.Count == y.Count && x.All(pair => y.TryGetValue(pair.Key, out var other) && other == pair.Value));
    }

    private static bool Matches(string pattern, string type) =>
        pattern == type || pattern == "*"
        || (pattern.EndsWith(".*", StringComparison.Ordinal) && type.StartsWith(pattern[..^1], StringComparison.Ordinal));

    private static GigsEvent[] Gone(Sim? sim) => sim is null ? [] : [new GigsEvent(SimDeleted, sim)];

    private static GigsEvent[] Come(Sim? sim) => sim is null ? [] : [new GigsEvent(SimCreated, sim)];

    private static string Verb(GigsStatus status) => status switch
    {
        GigsStatus.Active => "activated",
        GigsStatus.Inactive => "deactivated",
        GigsStatus.Retired => "retired",
    };
}
