using Simkeeper.Server.Tests.Support;
using static Simkeeper.Server.Tests.Dialects.Gigs.Sandbox;

namespace Simkeeper.Server.Tests.Dialects.Gigs;

/// <summary>Pages of a list (developers.gigs.com/api/pagination).</summary>
public sealed class PagingTests(PagingTests.Full sandbox) : IClassFixture<PagingTests.Full>
{
    private const int Count = 250;
    private const string Page = SimsPath + "?provider=p-page";
    private static readonly string[] Iccids = [.. Enumerable.Range(0, Count).Select(_ => Fleet.Iccid())];

    /// <summary>250 SIMs of one provider among the demo SIMs, every third of them a pSIM.</summary>
    public sealed class Full : Sandbox
    {
        protected override async ValueTask FillAsync()
        {
            var rows = Iccids.Select((iccid, i) => $"{iccid},p-page,{(i % 3 == 0 ? "pSIM" : "eSIM")}");
            await Server.Operator.ImportRowsAsync("iccid,provider,type", [.. rows]);
        }
    }

    private static string[] NewestFirst => [.. Enumerable.Reverse(Iccids)];

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
        var pages = new List<Answer> { await Gigs.FetchAsync(path) };
        Assert.Null(pages[0]["moreItemsBefore"]);
        while (pages[^1]["moreItemsAfter"] is { } after)
        {
            Assert.Equal(pages[^1].Each("id")[^1], after);
            pages.Add(await Gigs.FetchAsync($"{path}&after={after}"));
            Assert.Equal(pages[^1].Each("id")[0], pages[^1]["moreItemsBefore"]);
            Assert.True(pages.Count <= Count);
        }
        Assert.Equal(all, pages.SelectMany(page => page.Each("iccid")));
        Assert.All(pages.SkipLast(1), page => Assert.Equal(limit, page.Items.Length));

        var back = new List<Answer> { pages[^1] };
        while (back[^1]["moreItemsBefore"] is { } before)
        {
            Assert.Equal(back[^1].Each("id")[0], before);
            back.Add(await Gigs.FetchAsync($"{path}&before={before}"));
            Assert.Equal(back[^1].Each("id")[^1], back[^1]["moreItemsAfter"]);
            Assert.True(back.Count <= Count);
        }
        Assert.Equal(all, Enumerable.Reverse(back).SelectMany(page => page.Each("iccid")));
    }

    [Fact]
    public async Task A_page_has_ten_SIMs_unless_a_limit_says_otherwise()
    {
        Assert.Equal(NewestFirst[..10], (await Gigs.FetchAsync(Page)).Each("iccid"));
        Assert.Equal(NewestFirst[..1], (await Gigs.FetchAsync(Page + "&limit=1")).Each("iccid"));
        Assert.Equal(NewestFirst[..200], (await Gigs.FetchAsync(Page + "&limit=200")).Each("iccid"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&after=")]
    [InlineData("&before=")]
    public async Task A_limit_of_zero_has_no_items_and_no_cursors(string cursor)
    {
        if (cursor.Length > 0)
            cursor += (await Gigs.FetchAsync(Page)).Each("id")[5];
        Assert.Equal("""{"object":"list","items":[],"moreItemsAfter":null,"moreItemsBefore":null}""",
            (await Gigs.FetchAsync(Page + "&limit=0" + cursor)).Text);
    }

    [Fact]
    public async Task A_page_that_just_ends_with_the_list_has_no_cursor_after_it()
    {
        var exact = await Gigs.FetchAsync($"{Page}&limit=200&after={await IdAtAsync(49)}");
        Assert.Equal(NewestFirst[50..], exact.Each("iccid"));
        Assert.Null(exact["moreItemsAfter"]);
        var short1 = await Gigs.FetchAsync($"{Page}&limit=199&after={await IdAtAsync(49)}");
        Assert.Equal(NewestFirst[50..^1], short1.Each("iccid"));
        Assert.Equal(short1.Each("id")[^1], short1["moreItemsAfter"]);
    }

    [Fact]
    public async Task A_page_before_has_the_SIMs_right_above_its_cursor_newest_first()
    {
        var page = await Gigs.FetchAsync($"{Page}&limit=3&before={await IdAtAsync(10)}");
        Assert.Equal(NewestFirst[7..10], page.Each("iccid"));
        Assert.Equal(page.Each("id")[0], page["moreItemsBefore"]);
        Assert.Equal(page.Each("id")[2], page["moreItemsAfter"]);
        var top = await Gigs.FetchAsync($"{Page}&limit=3&before={await IdAtAsync(3)}");
        Assert.Equal(NewestFirst[..3], top.Each("iccid"));
        Assert.Null(top["moreItemsBefore"]);
        Assert.Equal(top.Each("id")[2], top["moreItemsAfter"]);
        var less = await Gigs.FetchAsync($"{Page}&limit=3&before={await IdAtAsync(2)}");
        Assert.Equal(NewestFirst[..2], less.Each("iccid"));
        Assert.Null(less["moreItemsBefore"]);
    }

    [Fact]
    public async Task Beyond_either_end_is_nothing()
    {
        foreach (var cursor in (string[])[$"after={await IdAtAsync(Count - 1)}", $"before={await IdAtAsync(0)}"])
        {
            Assert.Equal("""{"object":"list","items":[],"moreItemsAfter":null,"moreItemsBefore":null}""",
                (await Gigs.FetchAsync($"{Page}&{cursor}")).Text);
        }
    }

    [Fact]
    public async Task A_SIM_that_a_filter_leaves_out_is_a_cursor_all_the_same()
    {
        // 249 is a pSIM: the newest.
        var page = await Gigs.FetchAsync($"{Page}&type=eSIM&limit=2&after={await IdAtAsync(0)}");
        Assert.Equal(NewestFirst[1..3], page.Each("iccid"));
        Assert.Null(page["moreItemsBefore"]);
    }

    [Fact]
    public async Task SIMs_that_arrive_during_a_walk_change_nothing_of_what_follows()
    {
        var first = await Gigs.FetchAsync(Page + "&type=pSIM&limit=5");
        var expected = await Gigs.FetchAsync($"{Page}&type=pSIM&limit=5&after={first["moreItemsAfter"]}");
        await sandbox.Server.GigsSimAsync("p-late", "pSIM");
        Assert.Equal(expected.Text, (await Gigs.FetchAsync($"{Page}&type=pSIM&limit=5&after={first["moreItemsAfter"]}")).Text);
    }

    [Fact]
    public async Task Without_filters_the_walk_covers_the_whole_project()
    {
        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await Gigs.FetchAsync(SimsPath + "?limit=100" + (after is null ? "" : "&after=" + after));
            seen.AddRange(page.Each("iccid"));
            after = page["moreItemsAfter"];
        }
        while (after is not null);
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal(NewestFirst, seen.Where(Iccids.Contains));
        Assert.Equal(16, seen.Count(iccid => iccid.StartsWith("894242", StringComparison.Ordinal)));
    }

    private async Task<string> IdAtAsync(int position) => await sandbox.Server.GigsIdAsync(NewestFirst[position]);
}
