using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>
/// Compares answers with those of an old release. An answer may have members that the release did not know, since later ones add some;
/// nothing else may differ. In the maps that users fill, and in those that tell of a change, nothing may be added either.
/// </summary>
internal static class RecordedAnswer
{
    private static readonly string[] Maps = ["metadata", "previous", "updated", "resource_properties"];

    /// <summary>The first difference, or null.</summary>
    /// <param name="recorded">A line of a recording; its <c>ignore</c> names members that hang on chance.</param>
    public static string? Difference(JsonElement recorded, Answer got)
    {
        if (recorded.GetProperty("status").GetInt32() is var known && known != got.Status)
            return $"{got.Status} instead of {known}: {got.Text}";
        var knownType = recorded.TryGetProperty("answerType", out var named) ? named.GetString() : null;
        if (knownType != got.ContentType)
            return $"{got.ContentType} instead of {knownType}";
        if (!recorded.TryGetProperty("answer", out var answer))
            return null;
        HashSet<string> ignored = recorded.TryGetProperty("ignore", out var names)
            ? [.. names.EnumerateArray().Select(name => name.GetString()!)]
            : [];
        return Difference(answer, got.Json, ignored, "");
    }

    private static string? Difference(JsonElement known, JsonElement got, HashSet<string> ignored, string path)
    {
        if (known.ValueKind == JsonValueKind.Object && got.ValueKind == JsonValueKind.Object)
        {
            return known.EnumerateObject().Where(member => !ignored.Contains(member.Name))
                .Select(member => got.TryGetProperty(member.Name, out var value)
                    ? Difference(member.Value, value, ignored, $"{path}.{member.Name}")
                    : $"{path}.{member.Name} is missing")
                .FirstOrDefault(difference => difference is not null)
                ?? Added(known, got, path);
        }
        if (known.ValueKind == JsonValueKind.Array && got.ValueKind == JsonValueKind.Array
            && known.GetArrayLength() == got.GetArrayLength())
        {
            return known.EnumerateArray().Zip(got.EnumerateArray())
                .Select((pair, i) => Difference(pair.First, pair.Second, ignored, $"{path}[{i}]"))
                .FirstOrDefault(difference => difference is not null);
        }
        return JsonElement.DeepEquals(known, got) ? null : $"{path} is {got.GetRawText()} instead of {known.GetRawText()}";
    }

    private static string? Added(JsonElement known, JsonElement got, string path) => Maps.Contains(path.Split('.')[^1])
        ? got.EnumerateObject().Where(member => !known.TryGetProperty(member.Name, out _))
            .Select(member => $"{path}.{member.Name} was added").FirstOrDefault()
        : null;
}
