using FsCheck;
using FsCheck.Fluent;
using Simkeeper.Core.Sims;

namespace Simkeeper.Core.Tests.Sims;

public sealed class MetadataTests
{
    private static readonly Metadata Two = Metadata.Of([new("color", "red"), new("size", "m")]);

    [Fact]
    public void A_patch_writes_its_own_keys_and_leaves_the_others()
    {
        var merged = Merge(Two, ("size", "l"), ("owner", ""));
        Assert.Equal([new("color", "red"), new("size", "l"), new("owner", "")], merged.Entries);
        Assert.Equal([new("color", "red"), new("size", "m")], Two.Entries);
    }

    [Fact]
    public void Null_deletes_a_key_and_the_empty_string_does_not() =>
        Assert.Equal([new("size", "")], Merge(Two, ("color", null), ("size", "")).Entries);

    [Fact]
    public void A_patch_that_changes_nothing_returns_the_same_map()
    {
        Assert.Same(Two, Merge(Two));
        Assert.Same(Two, Merge(Two, ("size", "m"), ("absent", null)));
    }

    [Fact]
    public void There_are_at_most_10_keys_after_a_patch()
    {
        var full = Merge(Metadata.Empty, [.. Enumerable.Range(0, 10).Select(i => ($"key{i}", (string?)"v"))]);
        Assert.Equal("metadata.more", full.Merge([new("more", "v")]).Error?.Field);
        Assert.Equal(10, Merge(full, ("more", "v"), ("key3", null)).Entries.Count);
        Assert.Equal(10, Merge(full, ("key3", "other")).Entries.Count);
    }

    [Fact]
    public void Keys_of_the_platform_do_not_count_and_cannot_be_written()
    {
        var managed = Metadata.Of([new("gigs.com/a", "1"), new("gigs.com/b", "2")]);
        var full = Merge(managed, [.. Enumerable.Range(0, 10).Select(i => ($"key{i}", (string?)"v"))]);
        Assert.Equal(12, full.Entries.Count);
        foreach (var value in new[] { "3", null })
            Assert.Equal("metadata.gigs.com/a", full.Merge([new("gigs.com/a", value)]).Error?.Field);
        Assert.NotNull(Metadata.Empty.Merge([new("gigs.comet", "x")]).Error);
        Assert.Null(Metadata.Empty.Merge([new("Gigs.com", "x")]).Error);
    }

    [Theory]
    [InlineData("a", 1, "v", 255, true)]
    [InlineData("a", 40, "v", 0, true)]
    [InlineData("ü", 40, "語", 255, true)]
    [InlineData("𝄞", 40, "𝄞", 255, true)]
    [InlineData("a", 41, "v", 1, false)]
    [InlineData("a", 0, "v", 1, false)]
    [InlineData("a", 1, "v", 256, false)]
    [InlineData("𝄞", 41, "v", 1, false)]
    public void Lengths_count_characters_and_not_bytes(string key, int keyLength, string value, int valueLength, bool isValid) =>
        Assert.Equal(isValid, Metadata.Empty.Merge([new(Repeat(key, keyLength), Repeat(value, valueLength))]).Error is null);

    [Theory]
    [InlineData("📱", true)]
    [InlineData("❤\uFE0F", true)]
    [InlineData("⭐", true)]
    [InlineData("🇩🇪", true)]
    [InlineData("1\uFE0F\u20E3", true)]
    [InlineData("👩\u200D🚀", true)]
    [InlineData("© ™ → ✓ № € 語 ü 1 # *", false)]
    public void Emoji_are_refused_and_other_signs_are_not(string text, bool isEmoji)
    {
        Assert.Equal(isEmoji, Metadata.Empty.Merge([new("key", text)]).Error is not null);
        Assert.Equal(isEmoji, Metadata.Empty.Merge([new(text, "value")]).Error is not null);
    }

    [Fact]
    public void What_no_store_can_keep_is_refused()
    {
        foreach (var text in new[] { "a\0b", "a\uD800b", "\uDC00" })
        {
            Assert.NotNull(Metadata.Empty.Merge([new("key", text)]).Error);
            Assert.NotNull(Metadata.Empty.Merge([new(text, "value")]).Error);
        }
    }

    [Fact]
    public void The_field_of_an_error_does_not_grow_with_the_key() =>
        Assert.True(Metadata.Empty.Merge([new(new string('k', 1_000_000), "v")]).Error?.Field?.Length < 60);

    [Fact]
    public void Merging_keeps_the_limits_and_never_throws() =>
        Prop.ForAll<Dictionary<string, string?>>(patch =>
        {
            var given = patch.Select(entry => new KeyValuePair<string, string?>(entry.Key, entry.Value));
            var merged = Two.Merge(given);
            return merged.Error is not null
                ? merged.Error.Field!.StartsWith("metadata.", StringComparison.Ordinal)
                : merged.Value.Entries.Count <= Metadata.MaxKeys && merged.Value.Merge(given).Value == merged.Value;
        }).QuickCheckThrowOnFailure();

    private static Metadata Merge(Metadata current, params (string Key, string? Value)[] patch) =>
        current.Merge(patch.Select(entry => new KeyValuePair<string, string?>(entry.Key, entry.Value))).Value;

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
