using Simkeeper.Core.Sims;

namespace Simkeeper.Core.Tests.Sims;

public sealed class ImportHeaderTests
{
    private const string Key = "465B5CE8B199B49FAA5F0A2EE238A6BC";

    [Theory]
    [InlineData("ICC", ImportColumn.Iccid)]
    [InlineData("iccid number", ImportColumn.Iccid)]
    [InlineData("CCID", ImportColumn.Iccid)]
    [InlineData("Ser_nb", ImportColumn.Iccid)]
    [InlineData("IMSI1", ImportColumn.Imsi)]
    [InlineData("MSISDN No.", ImportColumn.Msisdn)]
    [InlineData("AC", ImportColumn.ActivationCode)]
    [InlineData("ActivationCode", ImportColumn.ActivationCode)]
    [InlineData("SmDpAddress", ImportColumn.SmdpAddress)]
    [InlineData("SM-DP+ Address", ImportColumn.SmdpAddress)]
    [InlineData("ip address", ImportColumn.IpAddress)]
    public void Names_of_vendors_are_known(string name, ImportColumn column) => Assert.Equal(column, ImportColumns.Find(name));

    [Theory]
    [InlineData("ki")]
    [InlineData("kic1")]
    [InlineData("KID_2")]
    [InlineData("PIN Code")]
    [InlineData("PUK1Code")]
    [InlineData("ADMKey")]
    [InlineData("Ki_enc")]
    [InlineData("OPc value")]
    public void Keys_of_the_card_are_known_in_their_variants(string name) => Assert.True(ImportColumns.IsCardKey(name));

    [Fact]
    public void Our_own_names_come_before_those_of_others_and_the_first_of_those_counts()
    {
        var header = ImportHeader.Parse(["ICC", "IMSI1", "imsi", "ccid"], ImportMap.Empty).Value;

        Assert.Equal(["ICC as iccid", "imsi as imsi"], header.Read.Select(column => $"{column.Key} as {column.Value}"));
        Assert.Equal(["IMSI1", "ccid"], header.Ignored);
    }

    [Fact]
    public void A_map_comes_before_everything()
    {
        var header = ImportHeader.Parse(["iccid", "Card", "x=y"], ImportMap.Parse(["iccid=metadata.old", "card=iccid", "x=y=user"]).Value);

        Assert.Equal((ImportColumn.Iccid, ImportColumn.User), (header.Value.ColumnAt(1), header.Value.ColumnAt(2)));
        Assert.Equal("old", header.Value.MetadataKeyAt(0));
    }

    [Theory]
    [InlineData(Key)]
    [InlineData("x12345678")]
    [InlineData("Deadbeef")]
    [InlineData("46 5B 5C E8 B1")]
    [InlineData("1234")]
    [InlineData("12-34-56-78")]
    public void A_name_that_could_be_a_number_or_a_key_is_not_shown(string name) => Assert.Equal("column 3", ImportNames.Shown(name, 3));

    [Theory]
    [InlineData("Colour", "Colour")]
    [InlineData("Größe 2", "Größe 2")]
    [InlineData("a\u001b[31m\nb", "a [31m b")]
    public void Other_names_are_shown_without_control_characters(string name, string shown) =>
        Assert.Equal(shown, ImportNames.Shown(name, 1));

    [Fact]
    public void A_file_has_a_greatest_number_of_columns_and_of_names_that_are_told()
    {
        var names = Enumerable.Range(0, ImportHeader.MaxColumns).Select(i => $"n{i}").ToArray();

        Assert.Equal(ImportHeader.MaxNames, ImportHeader.Parse([.. names[1..], "iccid"], ImportMap.Empty).Value.Ignored.Count);
        Assert.Contains("at most 1000", ImportHeader.Parse([.. names, "iccid"], ImportMap.Empty).Error?.Message);
    }

    [Fact]
    public void No_error_of_a_header_shows_what_stands_in_the_place_of_names()
    {
        foreach (var names in (string[][])[[Key, "SECRET"], ["SECRET", "imsi"], [$"metadata.{Key}", $"metadata.{Key}", "iccid"]])
        {
            var error = ImportHeader.Parse(names, ImportMap.Empty).Error;
            Assert.NotNull(error);
            Assert.DoesNotContain(Key, $"{error}");
            Assert.DoesNotContain("SECRET", $"{error}");
        }
    }
}
