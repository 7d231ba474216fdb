using static Simkeeper.Server.Tests.Dialects.Gigs.Inventory;
namespace Simkeeper.Server.Tests.Dialects.Gigs;

/// <summary>Pages of a list (developers.gigs.com/api/pagination).</summary>
public sealed class PagingTests(PagingTests.Full sandbox) : IClassFixture<PagingTests.Full>
{
    private const int Count = 250;
    private const string Page = SimsPath + "?provider=p-page";

    /// <summary>250 SIMs of one provider among the demo SIMs, every third of them a pSIM.</summary>
    public sealed class Full : Sandbox
    {
        protected override async ValueTask FillAsync()
        {
            var rows = Enumerable.Range(0, Count).Select(i => $"{Inventory.Iccid(i)},p-page,{(i % 3 == 0 ? "pSIM" : "eSIM")}");
            await Server.ImportAsync("iccid,provider,type", [.. rows]);
        }
    }

    private static string[] NewestFirst => [.. Enumerable.Range(0, Count).Reverse().Select(Iccid)];

    private HttpClient Gigs => sandbox.Server.Gigs;

    [Theory]
    [InlineData("", 1)]
    [InlineData("", 7)]
    [InlineData("", 50)]
    [InlineData("", 200)]
    [InlineData("&type=pSIM", 9)]
    [InlineData("&status=inactive", 25)]
    [InlineData("&status=inactive,retired&type=eSIM", 11)]
    public async Task A_walk_forward_and_back_meets_every_SIM_once_in_the_same_order(string filter, int limit)
    {
        var all = NewestFirst.Where((_, i) => !filter.Contains("type", StringComparison.Ordinal)
            || (Count - 1 - i) % 3 == 0 == filter.Contains("pSIM", StringComparison.Ordinal)).ToArray();
        var path = $"{Page}{filter}&limit={limit}";
        var pages = new List<Answer> { await Gigs.ReadAsync(path) };
        Assert.Null(pages[0]["moreItemsBefore"]);
        while (pages[^1]["moreItemsAfter"] is { } after)
        {
            Assert.Equal(pages[^1].Ids[^1], after);
            pages.Add(await Gigs.ReadAsync($"{path}&after={after}"));
            Assert.Equal(pages[^1].Ids[0], pages[^1]["moreItemsBefore"]);
            Assert.True(pages.Count <= Count);
        }
        Assert.Equal(all, pages.SelectMany(page => page.Iccids));
        Assert.All(pages.SkipLast(1), page => Assert.Equal(limit, page.Items.Length));

        var back = new List<Answer> { pages[^1] };
        while (back[^1]["moreItemsBefore"] is { } before)
        {
            Assert.Equal(back[^1].Ids[0], before);
            back.Add(await Gigs.ReadAsync($"{path}&before={before}"));
            Assert.Equal(back[^1].Ids[^1], back[^1]["moreItemsAfter"]);
            Assert.True(back.Count <= Count);
        }
        Assert.Equal(all, Enumerable.Reverse(back).SelectMany(page => page.Iccids));
    }

    [Fact]
    public async Task A_page_has_ten_SIMs_unless_a_limit_says_otherwise()
    {
        Assert.Equal(NewestFirst[..10], (await Gigs.ReadAsync(Page)).Iccids);
        Assert.Equal(NewestFirst[..1], (await Gigs.ReadAsync(Page + "&limit=1")).Iccids);
        Assert.Equal(NewestFirst[..200], (await Gigs.ReadAsync(Page + "&limit=200")).Iccids);
    }

    [Theory]
    [InlineData("")]
    [InlineData("&after=")]
    [InlineData("&before=")]
    public async Task A_limit_of_zero_has_no_items_and_no_cursors(string cursor)
    {
        if (cursor.Length > 0)
            cursor += (await Gigs.ReadAsync(Page)).Ids[5];
        Assert.Equal("""{"object":"list","items":[],"moreItemsAfter":null,"moreItemsBefore":null}""",
            (await Gigs.ReadAsync(Page + "&limit=0" + cursor)).Text);
    }

    [Fact]
    public async Task A_page_that_just_ends_with_the_list_has_no_cursor_after_it()
    {
        var exact = await Gigs.ReadAsync($"{Page}&limit=200&after={await IdAtAsync(49)}");
        Assert.Equal(NewestFirst[50..], exact.Iccids);
        Assert.Null(exact["moreItemsAfter"]);
        var short1 = await Gigs.ReadAsync($"{Page}&limit=199&after={await IdAtAsync(49)}");
        Assert.Equal(NewestFirst[50..^1], short1.Iccids);
        Assert.Equal(short1.Ids[^1], short1["moreItemsAfter"]);
    }

    [Fact]
    public async Task A_page_before_has_the_SIMs_right_above_its_cursor_newest_first()
    {
        var page = await Gigs.ReadAsync($"{Page}&limit=3&before={await IdAtAsync(10)}");
        Assert.Equal(NewestFirst[7..10], page.Iccids);
        Assert.Equal(page.Ids[0], page["moreItemsBefore"]);
        Assert.Equal(page.Ids[2], page["moreItemsAfter"]);
        var top = await Gigs.ReadAsync($"{Page}&limit=3&before={await IdAtAsync(3)}");
        Assert.Equal(NewestFirst[..3], top.Iccids);
        Assert.Null(top["moreItemsBefore"]);
        Assert.Equal(top.Ids[2], top["moreItemsAfter"]);
        var less = await Gigs.ReadAsync($"{Page}&limit=3&before={await IdAtAsync(2)}");
        Assert.Equal(NewestFirst[..2], less.Iccids);
        Assert.Null(less["moreItemsBefore"]);
    }

    [Fact]
    public async Task Beyond_either_end_is_nothing()
    {
        foreach (var cursor in (string[])[$"after={await IdAtAsync(Count - 1)}", $"before={await IdAtAsync(0)}"])
        {
            Assert.Equal("""{"object":"list","items":[],"moreItemsAfter":null,"moreItemsBefore":null}""",
                (await Gigs.ReadAsync($"{Page}&{cursor}")).Text);
        }
    }

    [Fact]
    public async Task A_SIM_that_a_filter_leaves_out_is_a_cursor_all_the_same()
    {
        // 249 is a pSIM: the newest.
        var page = await Gigs.ReadAsync($"{Page}&type=eSIM&limit=2&after={await IdAtAsync(0)}");
        Assert.Equal(NewestFirst[1..3], page.Iccids);
        Assert.Null(page["moreItemsBefore"]);
    }

    [Fact]
    public async Task SIMs_that_arrive_during_a_walk_change_nothing_of_what_follows()
    {
        var first = await Gigs.ReadAsync(Page + "&type=pSIM&limit=5");
        var expected = await Gigs.ReadAsync($"{Page}&type=pSIM&limit=5&after={first["moreItemsAfter"]}");
        await sandbox.Server.ImportAsync("iccid,provider,type", $"{Iccid(1000)},p-late,pSIM");
        Assert.Equal(expected.Text, (await Gigs.ReadAsync($"{Page}&type=pSIM&limit=5&after={first["moreItemsAfter"]}")).Text);
    }

    [Fact]
    public async Task Without_filters_the_walk_covers_the_whole_project()
    {
        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await Gigs.ReadAsync(SimsPath + "?limit=100" + (after is null ? "" : "&after=" + after));
            seen.AddRange(page.Iccids);
            after = page["moreItemsAfter"];
        }
        while (after is not null);
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal(NewestFirst,
            seen.Where(iccid => iccid.StartsWith("898830700000000", StringComparison.Ordinal) && iccid != Iccid(1000)));
        Assert.Equal(16, seen.Count(iccid => iccid.StartsWith("894242", StringComparison.Ordinal)));
    }

    private async Task<string> IdAtAsync(int position) => await sandbox.Server.IdAsync(NewestFirst[position]);
}
