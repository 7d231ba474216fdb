using FsCheck;
using FsCheck.Fluent;
using Simkeeper.Core.Numbers;

namespace Simkeeper.Core.Tests.Numbers;

public sealed class NumbersTests
{
    [Theory]
    [InlineData("8944538532008160222", "8944538532008160222", true)]
    [InlineData("8943108161000670038", "8943108161000670038", true)]
    [InlineData("89852342022019785558", "89852342022019785558", true)]
    [InlineData("8999924230456701650", "8999924230456701650", false)]
    [InlineData("8944538532008160222F", "8944538532008160222", true)]
    [InlineData("8944538532008160222f", "8944538532008160222", true)]
    public void An_iccid_loses_its_filler_and_tells_whether_its_check_digit_is_right(string text, string value, bool isValid)
    {
        var iccid = Iccid.Parse(text).Value;
        Assert.Equal(value, iccid.Value);
        Assert.Equal(isValid, iccid.HasValidCheckDigit);
    }

    [Theory]
    [InlineData("")]
    [InlineData("894453853200816022")]
    [InlineData("894453853200816022F")]
    [InlineData("89852342022019785558F")]
    [InlineData("898523420220197855581")]
    [InlineData("7944538532008160222")]
    [InlineData("89445385320081602 2")]
    [InlineData("89445385320081602２2")]
    [InlineData("8944538532008160222FF")]
    [InlineData("F")]
    public void Anything_else_is_no_iccid(string text)
    {
        var error = Iccid.Parse(text).Error;
        Assert.Equal((ErrorCode.InvalidValue, "iccid"), (error?.Code, error?.Field));
    }

    [Fact]
    public void An_iccid_of_18_digits_is_told_what_it_lacks() =>
        Assert.Contains("check digit", Iccid.Parse("894453853200816022").Error?.Message);

    [Theory]
    [InlineData("001010", true)]
    [InlineData("001010123456789", true)]
    [InlineData("00101", false)]
    [InlineData("0010101234567890", false)]
    [InlineData("00101012345678x", false)]
    [InlineData("+00101012345678", false)]
    public void An_imsi_has_6_to_15_digits(string text, bool isValid) =>
        AssertReads(isValid ? text : null, Imsi.Parse(text), v => v.Value, "imsi");

    [Theory]
    [InlineData("+4915100000001", "4915100000001")]
    [InlineData("4915100000001", "4915100000001")]
    [InlineData("1", "1")]
    [InlineData("123456789012345", "123456789012345")]
    [InlineData("1234567890123456", null)]
    [InlineData("+", null)]
    [InlineData("", null)]
    [InlineData("++49151", null)]
    [InlineData("49 151", null)]
    [InlineData("00491512345670", null)]
    [InlineData("+0491512345670", null)]
    [InlineData("09012345678", null)]
    [InlineData("0", null)]
    public void An_msisdn_has_up_to_15_digits_and_loses_its_plus(string text, string? value) =>
        AssertReads(value, Msisdn.Parse(text), v => v.Value, "msisdn");

    [Theory]
    [InlineData("89049032020008884800228685583432", true)]
    [InlineData("89043051202200005223001347834515", true)]
    [InlineData("89049032021008881300304741158317", true)]
    [InlineData("89882119900000000000000000001654", true)]
    [InlineData("89049032020008884800228685583433", false)]
    [InlineData("89049032020008884800228658583432", false)]
    [InlineData("8904903202000888480022868558343", false)]
    [InlineData("8904903202000888480022868558343F", false)]
    public void An_eid_has_32_digits_and_is_1_modulo_97(string text, bool isValid) =>
        AssertReads(isValid ? text : null, Eid.Parse(text), v => v.Value, "eid");

    [Theory]
    [InlineData("490154203237518", true)]
    [InlineData("490154203237517", false)]
    [InlineData("4901542032375101", true)]
    [InlineData("49015420323751", false)]
    [InlineData("49015420323751A", false)]
    public void An_imei_has_a_check_digit_and_an_imeisv_has_none(string text, bool isValid) =>
        AssertReads(isValid ? text : null, Imei.Parse(text), v => v.Value, "imei");

    [Theory]
    [InlineData("10.45.0.2", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("::", true)]
    [InlineData("::1", true)]
    [InlineData("2001:db8::8:800:200c:417a", true)]
    [InlineData("2001:DB8:0:0:8:800:200C:417A", true)]
    [InlineData("::ffff:10.45.0.2", true)]
    [InlineData("10.45.0", false)]
    [InlineData("10.45.0.256", false)]
    [InlineData("10.45.0.02", false)]
    [InlineData("10.45.0.2:80", false)]
    [InlineData("1::2::3", false)]
    [InlineData("1:2:3:4:5:6:7:8::", false)]
    [InlineData("1:2:3:4:5:6:7", false)]
    [InlineData(":1:2:3:4:5:6:7", false)]
    [InlineData("10.0.0.1::", false)]
    [InlineData("fe80::1%eth0", false)]
    [InlineData("2001:db8::/32", false)]
    [InlineData("12345::", false)]
    [InlineData("localhost", false)]
    public void An_ip_address_is_a_dotted_quad_or_ipv6(string text, bool isValid) =>
        AssertReads(isValid ? text : null, IpAddress.Parse(text), v => v.Value, "ip_address");

    [Fact]
    public void Every_ip_address_that_is_accepted_is_one_to_the_platform_too() =>
        Prop.ForAll(
            Gen.Elements("0", "1", "ff", "10", "256", "12345", ":", "::", ".", "g").ArrayOf().Select(string.Concat).ToArbitrary(),
            text => IpAddress.Parse(text).Error is not null || System.Net.IPAddress.TryParse(text, out _)).QuickCheckThrowOnFailure();

    [Fact]
    public void No_text_makes_a_parser_throw() =>
        Prop.ForAll<string?>(given =>
        {
            var text = given ?? "";
            return (Iccid.Parse(text).Error ?? Imsi.Parse(text).Error ?? Eid.Parse(text).Error ?? Imei.Parse(text).Error
                ?? Msisdn.Parse(text).Error ?? IpAddress.Parse(text).Error ?? ActivationCode.Parse(text).Error)
                is null or { Message.Length: > 0 };
        }).QuickCheckThrowOnFailure();

    private static void AssertReads<T>(string? expected, Result<T> result, Func<T, string> value, string field)
    {
        if (expected is null)
            Assert.Equal((ErrorCode.InvalidValue, field), (result.Error?.Code, result.Error?.Field));
        else
            Assert.Equal(expected, value(result.Value));
    }
}
