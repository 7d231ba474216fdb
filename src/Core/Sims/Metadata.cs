using System.Text;

namespace Simkeeper.Core.Sims;

/// <summary>
/// The data that a customer writes onto a SIM: an immutable map of strings that keeps the order in which keys were added. At most 10 keys
/// of 1 to 40 characters with values of 0 to 255, no emoji; a character is a Unicode scalar value. Keys that start with <see
/// cref="ManagedPrefix"/> belong to the platform: they do not count and cannot be written ("Metadata").
/// </summary>
public sealed class Metadata
{
    public const int MaxKeys = 10;
    public const int MaxKeyLength = 40;
    public const int MaxValueLength = 255;
    public const string ManagedPrefix = "gigs.com";

    /// <summary>A map without keys.</summary>
    public static readonly Metadata Empty = new([]);

    private readonly OrderedDictionary<string, string> _entries;

    private Metadata(OrderedDictionary<string, string> entries) => _entries = entries;

    /// <summary>The keys and their values, in the order in which the keys were added.</summary>
    public IReadOnlyDictionary<string, string> Entries => _entries;

    /// <summary>Takes entries that were accepted before, such as stored ones, without checking them.</summary>
    public static Metadata Of(IEnumerable<KeyValuePair<string, string>> entries) => new(new(entries, StringComparer.Ordinal));

    /// <summary>
    /// Applies a patch: sets its keys, deletes those whose value is null, and leaves the others alone. It applies all of the patch or
    /// nothing: the first fault is the error, its field <c>metadata.&lt;key&gt;</c>. A patch that changes nothing returns this same map.
    /// </summary>
    public Result<Metadata> Merge(IEnumerable<KeyValuePair<string, string?>> patch)
    {
        var entries = new OrderedDictionary<string, string>(_entries, StringComparer.Ordinal);
        var changed = false;
        string? lastAdded = null;
        foreach (var (key, value) in patch)
        {
            if (Fault(key, value) is { } fault)
                return Invalid(key, fault);
            if (value is null)
            {
                changed |= entries.Remove(key);
                continue;
            }
            var isThere = entries.TryGetValue(key, out var old);
            changed |= old != value;
            lastAdded = isThere ? lastAdded : key;
            entries[key] = value;
        }
        if (lastAdded is not null && entries.Keys.Count(key => !IsManaged(key)) > MaxKeys)
            return Invalid(lastAdded, $"A SIM has at most {MaxKeys} metadata keys. Delete one first, by giving it the value null.");
        return changed ? new Metadata(entries) : this;
    }

    private static string? Fault(string key, string? value)
    {
        if (IsManaged(key))
            return $"Metadata keys that start with {ManagedPrefix} cannot be written.";
        if (Text.Length(key) is < 1 or > MaxKeyLength)
            return $"A metadata key has 1 to {MaxKeyLength} characters.";
        if (value is not null && Text.Length(value) > MaxValueLength)
            return $"A metadata value has at most {MaxValueLength} characters.";
        if (Text.HasEmoji(key) || Text.HasEmoji(value ?? ""))
            return "Metadata keys and values take no emoji.";
        if (!Text.IsStorable(key) || !Text.IsStorable(value ?? ""))
            return "Metadata keys and values take no NUL and no broken Unicode.";
        return null;
    }

    private static bool IsManaged(string key) => key.StartsWith(ManagedPrefix, StringComparison.Ordinal);

    private static Error Invalid(string key, string message)
    {
        var shown = new StringBuilder("metadata.");
        foreach (var rune in key.EnumerateRunes().Take(MaxKeyLength))
            shown.Append(rune);
        return new(ErrorCode.InvalidValue, message, shown.ToString());
    }
}
