using FsCheck;
using FsCheck.Fluent;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Sims.Import;
using Simkeeper.Server.Tests.Support;
using static Simkeeper.Server.Tests.Sims.Import.CardFiles;

namespace Simkeeper.Server.Tests.Sims.Import;

[SqliteOnly]
public sealed class OutCardsTests
{
    private const string Head =
        "*HEADER DESCRIPTION\r\nCustomer: Example\r\nQuantity: 2\r\n\r\n*INPUT VARIABLES\r\nVar_In_List:\r\nICCID: 8944538532008160222F\r\n"
        + "*OUTPUT VARIABLES\r\n";

    [Fact]
    public async Task Cards_are_read_in_the_order_of_var_out_in_any_case_of_letters()
    {
        var lines = await ReadOutAsync(
            Head + "VAR_Out: imsi/Iccid/PIN1/KI\r\n001010000000001 8944538532008160222F 1234 AA\r\n"
            + "001010000000002  8943108161000670038 1234 AA \r\n");
        Assert.Equal([10, 11], lines.Select(line => line.Row!.Line));
        var cards = lines.Select(line => SimCard.Read(line.Row!, "test", refuseLuhn: true).Value).ToList();
        Assert.Equal(["8944538532008160222", "8943108161000670038"], cards.Select(card => card.Iccid.Value));
        Assert.Equal(["001010000000001", "001010000000002"], cards.Select(card => card.Imsi?.Value));
        Assert.All(cards, card => Assert.Equal(SimType.PSim, card.Type));
    }

    [Fact]
    public async Task The_sample_has_10000_good_cards_and_no_key_comes_out_of_it()
    {
        await using var sample = Sample("vendor-10000.out");
        var file = (await OutCards.OpenAsync(sample, new CardReading(), TestContext.Current.CancellationToken)).Value;
        Assert.Equal(["Access_Control", "Code Retailer"], file.Columns.Ignored);
        var lines = await AllAsync(file);
        Assert.Equal(10_000, lines.Select(line => SimCard.Read(line.Row!, "test", refuseLuhn: true).Value.Iccid).Distinct().Count());
        Assert.All(lines, line => Assert.Equal(
            [ImportColumn.Iccid, ImportColumn.Imsi],
            Enum.GetValues<ImportColumn>().Where(column => line.Row![column] is not null)));
    }

    [Theory]
    [InlineData("8944538532008160222 001010000000001\n", 1)]
    [InlineData("8944538532008160222 001010000000001\n8943108161000670038 001010000000002\n8943108161000670046 001010000000003\n", 3)]
    [InlineData("", 0)]
    [InlineData("8944538532008160222 001010000000001\n*END\n8943108161000670038 001010000000002\n", 1)]
    public async Task A_number_of_cards_other_than_the_announced_one_is_refused_at_the_end(string cards, int count)
    {
        var lines = await ReadOutAsync(Head + "var_out:ICCID/IMSI\n" + cards);
        Assert.Equal(count + 1, lines.Count);
        Assert.Equal((3, "quantity"), (lines[^1].Refusal!.Line, lines[^1].Refusal!.Field));
        Assert.Contains($"announces 2 cards and has {count}", lines[^1].Refusal!.Reason);
    }

    [Fact]
    public async Task A_bad_line_counts_as_a_card_and_costs_only_itself()
    {
        var lines = await ReadOutAsync(
            Head + "var_out:ICCID/IMSI\n8944538532008160222\n" + new string('8', CardLines.MaxLineBytes + 1) + "\n");
        Assert.Equal(["10 !", "11 !"], Outline(lines));
        Assert.Equal("8944538532008160222", lines[0].Refusal!.Iccid);
    }

    [Theory]
    [InlineData("", "var_out")]
    [InlineData("Quantity: 2\n", "var_out")]
    [InlineData("Quantity: 2\nvar_out:IMSI/KI\n", "iccid")]
    [InlineData("Quantity: 2\nvar_out:ICCID/IMSI/iccid\n", "iccid")]
    [InlineData("Quantity: many\nvar_out:ICCID\n", "quantity")]
    [InlineData("Quantity: -2\nvar_out:ICCID\n", "quantity")]
    [InlineData("var_out:ICCID\n", "quantity")]
    [InlineData("Customer: \0\nQuantity: 2\nvar_out:ICCID\n", null)]
    public async Task A_head_that_makes_no_sense_refuses_the_file(string text, string? field)
    {
        var error = (await OpenOutAsync(text)).Error;
        Assert.NotNull(error);
        Assert.Equal(field, error.Field);
    }

    [Fact]
    public void No_text_makes_reading_throw() =>
        Prop.ForAll<string?, string?>((head, cards) =>
        {
            var lines = ReadOutAsync(Head + head?.Replace('\0', ' ') + "\nvar_out:ICCID\n" + cards).GetAwaiter().GetResult();
            return lines.TrueForAll(line => line.Row is null != line.Refusal is null);
        }).QuickCheckThrowOnFailure();
}
