using Simkeeper.Core.Sims;
using Simkeeper.Server.Tests.Support;
using static Simkeeper.Server.Tests.Sims.Import.CardFiles;

namespace Simkeeper.Server.Tests.Sims.Import;

/// <summary>Output files as different card vendors write them.</summary>
[SqliteOnly]
public sealed class OutFormsTests
{
    private const string One = "8944538532008160222";
    private const string Two = "8943108161000670038";
    private const string Cards = $"{One}F 001010000000001\n{Two} 001010000000002\n";

    [Theory]
    [InlineData($"Quantity: 2\nvar_out:ICCID/IMSI\n****************\n{Cards}")]
    [InlineData($"Quantity: 2\nvar_out:ICCID/IMSI\n{One} 001010000000001\n *** \n*\n{Two} 001010000000002\n")]
    [InlineData($"Quantity: 2 cards\nvar_out:ICCID/IMSI\n{Cards}")]
    [InlineData($"Quantity : 2 pcs.\nVar_Out : ICCID / IMSI /\n\n{Cards}\x1A")]
    [InlineData($"var_out:ICCID/IMSI/\n{Cards}*\nQuantity: 2\n\x1A\x1A")]
    [InlineData($"var_out:ICCID/IMSI\n{Cards}* TRAILER\nQuantity: 2\nEnd: yes\n")]
    [InlineData($"var_out:ICCID/IMSI\nQuantity: 2\n{Cards}")]
    [InlineData($"var_out:ICCID/IMSI\n{Cards}Quantity: 2\n")]
    [InlineData("Quantity: 2\n*INPUT VARIABLES\nVar_In_List:\nSer_nb: 1\nIMSI: 1\n*OUTPUT VARIABLES\nVar_Out: PIN1/KI\n"
        + $"{One} 001010000000001 1234 AA\n{Two} 001010000000002 1234 AA\n")]
    [InlineData($"Quantity: 2\nVar_In: ICCID/IMSI\nVar_Out: PIN1\n{One} 001010000000001 1234\n{Two} 001010000000002 1234\n")]
    [InlineData("Quantity: 2\nvar_In:\nICCID: 1\nIMSI: 1\n*\nvar_out:ICCID/IMSI/PIN1\n"
        + $"{One} 001010000000001 1234\n{Two} 001010000000002 1234\n")]
    public async Task Two_cards_are_read(string file)
    {
        var lines = await ReadOutAsync(file);

        Assert.All(lines, line => Assert.Null(line.Refusal));
        var cards = lines.Select(line => SimCard.Read(line.Row!, "test", refuseLuhn: true).Value).ToList();
        Assert.Equal([One, Two], cards.Select(card => card.Iccid.Value));
        Assert.Equal(["001010000000001", "001010000000002"], cards.Select(card => card.Imsi?.Value));
    }

    [Theory]
    [InlineData("1,000", 1000)]
    [InlineData("1.000", 1000)]
    [InlineData("12 345 678 cards", 12_345_678)]
    [InlineData("1'000 pcs", 1000)]
    [InlineData("1000", 1000)]
    [InlineData("2 cards", 2)]
    [InlineData("007", 7)]
    public async Task A_quantity_may_have_separators_and_words(string quantity, int count)
    {
        var lines = await ReadOutAsync($"Quantity: {quantity}\nvar_out:ICCID\n{One}\n");

        Assert.Contains($"announces {count} cards and has 1.", lines[^1].Refusal!.Reason);
        Assert.True(lines[^1].Refusal!.IsOfFile);
    }

    [Theory]
    [InlineData("1,00")]
    [InlineData("1,0000")]
    [InlineData("1.5")]
    [InlineData("99999999999")]
    [InlineData("2 cards, 3 boxes")]
    [InlineData("")]
    public async Task A_quantity_that_is_no_number_of_cards_refuses_the_file(string quantity) =>
        Assert.Equal("quantity", (await OpenOutAsync($"Quantity: {quantity}\nvar_out:ICCID\n{One}\n")).Error?.Field);

    [Fact]
    public async Task Cards_without_any_quantity_are_read_and_the_file_is_refused_at_its_end()
    {
        var lines = await ReadOutAsync($"var_out:ICCID/IMSI\n{Cards}");

        Assert.Equal(["2 ", "3 ", "3 !"], Outline(lines));
        Assert.Contains("add a line Quantity", lines[^1].Refusal!.Reason);
    }

    [Fact]
    public async Task The_head_gives_the_type_and_the_carrier_of_every_card_and_words_of_others_are_not_taken_for_them()
    {
        var card = await CardAsync("Type : esim\nProvider: lab\n");
        Assert.Equal((SimType.ESim, "lab"), (card.Type, card.Provider));
        Assert.True(card.HasType && card.HasProvider);

        var others = await CardAsync("Type: USIM 3G\nProvider: Example Mobile Ltd\nICCID: 1\nMSISDN: 49\n");
        Assert.Equal((SimType.PSim, "test", null), (others.Type, others.Provider, others.Msisdn));
    }

    private static async Task<SimCard> CardAsync(string head) => SimCard.Read(
        (await ReadOutAsync($"*HEADER\n{head}Quantity: 1\n*OUT\nvar_out:ICCID\n{One}\n"))[0].Row!, "test", refuseLuhn: true).Value;
}
