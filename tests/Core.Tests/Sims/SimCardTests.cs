using FsCheck;
using FsCheck.Fluent;
using Simkeeper.Core.Sims;

namespace Simkeeper.Core.Tests.Sims;

public sealed class SimCardTests
{
    private const string Iccid = "8944538532008160222";

    [Fact]
    public void A_full_row_becomes_a_card()
    {
        var card = Read(
            [
                (ImportColumn.Iccid, $" {Iccid}F "), (ImportColumn.Imsi, "001010123456789"), (ImportColumn.Msisdn, "+999100000001"),
                (ImportColumn.Eid, "89049032020008884800228685583432"), (ImportColumn.Type, "eSIM"), (ImportColumn.Provider, "p14"),
                (ImportColumn.UniqueName, "pump-7"), (ImportColumn.FriendlyName, "Pump 7, hall 2"),
                (ImportColumn.SmdpAddress, "smdp.example.com"), (ImportColumn.MatchingId, "AB-12"),
                (ImportColumn.ConfirmationCodeRequired, "Yes"), (ImportColumn.RegistrationCode, "H3LL0-W0RLD"),
                (ImportColumn.User, "usr_0SNlurA049MEWV1BAAmWZULA4lf6"), (ImportColumn.Narrowband, "1"),
                (ImportColumn.IpAddress, "10.45.0.2"),
            ],
            metadata: [new("site", "north")]).Value;
        Assert.Equal(
            (Iccid, "001010123456789", "999100000001", "89049032020008884800228685583432", SimType.ESim, "p14"),
            (card.Iccid.Value, card.Imsi?.Value, card.Msisdn?.Value, card.Eid?.Value, card.Type, card.Provider));
        Assert.Equal(
            ("pump-7", "Pump 7, hall 2", "smdp.example.com", "AB-12", true, "H3LL0-W0RLD"),
            (card.UniqueName?.Value, card.FriendlyName, card.SmdpAddress, card.MatchingId, card.ConfirmationCodeRequired,
                card.RegistrationCode));
        Assert.Equal(
            ("usr_0SNlurA049MEWV1BAAmWZULA4lf6", true, "10.45.0.2"), (card.User, card.Narrowband, card.IpAddress?.Value));
        Assert.Equal([new("site", "north")], card.Metadata.Entries);
    }

    [Fact]
    public void A_row_of_an_iccid_alone_is_a_pSIM_of_the_default_carrier()
    {
        var card = Read([(ImportColumn.Iccid, Iccid)]).Value;
        Assert.Equal((SimType.PSim, "test"), (card.Type, card.Provider));
        Assert.Null(card.Imsi);
        Assert.Same(Metadata.Empty, card.Metadata);
        Assert.False(card.HasType);
        Assert.False(card.HasProvider);
    }

    [Fact]
    public void A_row_with_an_smdp_address_is_an_eSIM() =>
        Assert.Equal(SimType.ESim, Read([(ImportColumn.Iccid, Iccid), (ImportColumn.SmdpAddress, "smdp.example.com")]).Value.Type);

    [Fact]
    public void Without_a_carrier_the_error_says_where_to_name_it()
    {
        var error = SimCard.Read(Row([(ImportColumn.Iccid, Iccid)], null), null, refuseLuhn: false).Error;
        Assert.Equal((ErrorCode.MissingValue, "provider"), (error?.Code, error?.Field));
        Assert.Contains("--provider", error?.Message);
    }

    [Fact]
    public void A_wrong_check_digit_is_refused_only_where_that_is_asked_for()
    {
        var row = Row([(ImportColumn.Iccid, "8999924230456701650")], null);
        Assert.False(SimCard.Read(row, "test", refuseLuhn: false).Value.Iccid.HasValidCheckDigit);
        Assert.Equal("iccid", SimCard.Read(row, "test", refuseLuhn: true).Error?.Field);
    }

    [Theory]
    [InlineData(ImportColumn.Iccid, "  ", ErrorCode.MissingValue)]
    [InlineData(ImportColumn.Iccid, "894453853200816022", ErrorCode.InvalidValue)]
    [InlineData(ImportColumn.Imsi, "00101", ErrorCode.InvalidValue)]
    [InlineData(ImportColumn.Msisdn, "call me", ErrorCode.InvalidValue)]
    [InlineData(ImportColumn.Eid, "89", ErrorCode.InvalidValue)]
    [InlineData(ImportColumn.Type, "iSIM", ErrorCode.InvalidValue)]
    [InlineData(ImportColumn.Provider, "P14", ErrorCode.InvalidValue)]
    [InlineData(ImportColumn.Provider, "a-name-that-is-longer-than-32-char", ErrorCode.InvalidValue)]
    [InlineData(ImportColumn.UniqueName, "DE0190a0b1c2d37e4f8a5b6c7d8e9f0a1b", ErrorCode.InvalidValue)]
    [InlineData(ImportColumn.UniqueName, "two\nlines", ErrorCode.InvalidValue)]
    [InlineData(ImportColumn.SmdpAddress, "https://smdp.example.com", ErrorCode.InvalidValue)]
    [InlineData(ImportColumn.MatchingId, "AB-12", ErrorCode.InvalidCombination)]
    [InlineData(ImportColumn.ConfirmationCodeRequired, "true", ErrorCode.InvalidCombination)]
    [InlineData(ImportColumn.ConfirmationCodeRequired, "maybe", ErrorCode.InvalidValue)]
    [InlineData(ImportColumn.Narrowband, "2", ErrorCode.InvalidValue)]
    [InlineData(ImportColumn.IpAddress, "10.45.0", ErrorCode.InvalidValue)]
    public void A_bad_value_is_an_error_of_its_column(ImportColumn column, string text, ErrorCode code)
    {
        var error = Read([(ImportColumn.Iccid, Iccid), (column, text)]).Error;
        Assert.Equal((code, column.ToWire()), (error?.Code, error?.Field));
    }

    [Theory]
    [InlineData(ImportColumn.UniqueName, 255)]
    [InlineData(ImportColumn.FriendlyName, 256)]
    [InlineData(ImportColumn.RegistrationCode, 64)]
    [InlineData(ImportColumn.User, 64)]
    public void Texts_have_a_longest_length(ImportColumn column, int length)
    {
        Assert.Null(Read([(ImportColumn.Iccid, Iccid), (column, new string('ü', length))]).Error);
        Assert.Equal(
            column.ToWire(), Read([(ImportColumn.Iccid, Iccid), (column, new string('ü', length + 1))]).Error?.Field);
    }

    [Fact]
    public void A_pSIM_is_not_downloaded()
    {
        var error = Read(
            [(ImportColumn.Iccid, Iccid), (ImportColumn.Type, "pSIM"), (ImportColumn.SmdpAddress, "smdp.example.com")]).Error;
        Assert.Equal((ErrorCode.InvalidCombination, "smdp_address"), (error?.Code, error?.Field));
    }

    [Fact]
    public void Metadata_keep_their_own_rules() =>
        Assert.Equal("metadata.site", Read([(ImportColumn.Iccid, Iccid)], [new("site", "📱")]).Error?.Field);

    [Fact]
    public void Neither_a_card_nor_an_error_shows_the_matching_id()
    {
        (ImportColumn, string)[] Cells(string matchingId) =>
            [(ImportColumn.Iccid, Iccid), (ImportColumn.SmdpAddress, "smdp.example.com"), (ImportColumn.MatchingId, matchingId)];
        Assert.DoesNotContain("SECRET", Read(Cells("SECRET")).Value.ToString());
        Assert.DoesNotContain("SECRET", $"{Read(Cells("SECRET!")).Error}");
    }

    [Fact]
    public void A_column_is_found_by_its_name_in_any_case()
    {
        foreach (var column in Enum.GetValues<ImportColumn>())
            Assert.Equal(column, ImportColumns.Find(column.ToWire().ToUpperInvariant()));
        Assert.Null(ImportColumns.Find("ki"));
        Assert.Equal(ImportColumns.KnownCount, Enum.GetValues<ImportColumn>().Length);
    }

    [Fact]
    public void No_row_makes_reading_throw() =>
        Prop.ForAll<string?, string?, int>((one, other, which) =>
        {
            var column = (ImportColumn)((which & int.MaxValue) % ImportColumns.KnownCount);
            var result = Read([(ImportColumn.Iccid, Iccid), (ImportColumn.FriendlyName, one ?? ""), (column, other ?? "")]);
            return result.Error is null or { Field.Length: > 0 };
        }).QuickCheckThrowOnFailure();

    private static Result<SimCard> Read(
        (ImportColumn Column, string Text)[] cells, KeyValuePair<string, string?>[]? metadata = null) =>
        SimCard.Read(Row(cells, metadata), "test", refuseLuhn: false);

    private static ImportRow Row((ImportColumn Column, string Text)[] cells, KeyValuePair<string, string?>[]? metadata)
    {
        var values = new string?[ImportColumns.KnownCount];
        foreach (var (column, text) in cells)
            values[(int)column] = text;
        return new(2, values, metadata);
    }
}
