namespace Simkeeper.Core.Tests;

public sealed class IdsTests
{
    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000", "sim_0000000000000000000000")]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff", "sim_7n42DGM5Tflk9n8mt7Fhc7")]
    public void The_Gigs_spelling_is_padded_base62(string id, string text)
    {
        Assert.Equal(text, Ids.ToBase62("sim", Guid.Parse(id)));
        Assert.True(Ids.TryParseBase62("sim", text, out var back));
        Assert.Equal(Guid.Parse(id), back);
    }

    [Theory]
    [InlineData("sim_7n42DGM5Tflk9n8mt7Fhc8")]
    [InlineData("sim_zzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("sim_000000000000000000000")]
    [InlineData("sim_00000000000000000000000")]
    [InlineData("sub_0000000000000000000000")]
    [InlineData("sim-0000000000000000000000")]
    [InlineData("sim_000000000000000000000é")]
    [InlineData("")]
    public void Any_other_spelling_is_no_id(string text) => Assert.False(Ids.TryParseBase62("sim", text, out _));

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000", "whs_00000000000000000000000000")]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff", "whs_7zzzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("01941f29-7c00-7aaa-aaaa-aaaaaaaaaaaa", "whs_01jgfjjz00fananananananana")]
    public void The_spelling_of_webhook_secrets_is_padded_base32(string id, string text)
    {
        Assert.Equal(text, Ids.ToUlid("whs", Guid.Parse(id)));
        Assert.True(Ids.TryParseUlid("whs", text, out var back));
        Assert.Equal(Guid.Parse(id), back);
    }

    [Theory]
    [InlineData("whs_80000000000000000000000000")]
    [InlineData("whs_0000000000000000000000000")]
    [InlineData("whs_000000000000000000000000000")]
    [InlineData("whs_0000000000000000000000000I")]
    [InlineData("whs_0000000000000000000000000l")]
    [InlineData("whs_0000000000000000000000000u")]
    [InlineData("whs_0000000000000000000000000A")]
    [InlineData("whs_l0000000000000000000000000")]
    [InlineData("whx_00000000000000000000000000")]
    [InlineData("whs-00000000000000000000000000")]
    [InlineData("")]
    public void Any_other_spelling_of_them_is_no_id(string text) => Assert.False(Ids.TryParseUlid("whs", text, out _));

    [Fact]
    public void Both_spellings_sort_like_the_id()
    {
        var random = new Random(7);
        var ids = Enumerable.Range(0, 500).Select(_ =>
        {
            var bytes = new byte[16];
            random.NextBytes(bytes);
            return new Guid(bytes, bigEndian: true);
        }).ToArray();
        var byGigs = ids.OrderBy(id => Ids.ToBase62("sim", id), StringComparer.Ordinal);
        var bySid = ids.OrderBy(id => Ids.ToSid("DE", id), StringComparer.Ordinal);
        Assert.Equal(bySid, byGigs);
    }

    [Fact]
    public void A_sid_is_read_in_either_case_and_only_with_its_prefix()
    {
        var id = Guid.Parse("0190a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b");
        Assert.Equal("DE0190a0b1c2d37e4f8a5b6c7d8e9f0a1b", Ids.ToSid("DE", id));
        Assert.True(Ids.TryParseSid("DE", "DE0190A0B1C2D37E4F8A5B6C7D8E9F0A1B", out var back));
        Assert.Equal(id, back);
        Assert.False(Ids.TryParseSid("WP", "DE0190a0b1c2d37e4f8a5b6c7d8e9f0a1b", out _));
        Assert.True(Ids.LooksLikeSid("WP0190a0b1c2d37e4f8a5b6c7d8e9f0a1b"));
        Assert.False(Ids.LooksLikeSid("wp0190a0b1c2d37e4f8a5b6c7d8e9f0a1b"));
    }
}
