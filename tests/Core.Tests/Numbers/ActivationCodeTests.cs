using FsCheck;
using FsCheck.Fluent;
using Simkeeper.Core.Numbers;

namespace Simkeeper.Core.Tests.Numbers;

public sealed class ActivationCodeTests
{
    [Theory]
    [InlineData("LPA:1$smdp.gigs.com$2M-3L0MX-F8HE2")]
    [InlineData("LPA:1$smdp.example.com$")]
    [InlineData("LPA:1$smdp.example.com$MATCHING$$1")]
    [InlineData("LPA:1$smdp.example.com$MATCHING$1.3.6.1.4.1.31746")]
    [InlineData("LPA:1$smdp.example.com$MATCHING$1.3.6.1.4.1.31746$1")]
    public void A_code_is_revealed_as_it_was_read(string text) => Assert.Equal(text, ActivationCode.Parse(text).Value.Reveal());

    [Fact]
    public void A_code_is_read_without_its_prefix_and_revealed_with_it() =>
        Assert.Equal("LPA:1$smdp.example.com$AB-12", ActivationCode.Parse("1$smdp.example.com$AB-12").Value.Reveal());

    [Fact]
    public void A_code_for_which_a_confirmation_code_is_asked_keeps_the_field_of_the_oid_empty() =>
        Assert.Equal(
            "LPA:1$smdp.example.com$AB-12$$1",
            ActivationCode.Create("smdp.example.com", "AB-12", confirmationCodeRequired: true).Value.Reveal());

    [Theory]
    [InlineData("")]
    [InlineData("LPA:")]
    [InlineData("LPA:2$smdp.example.com$AB")]
    [InlineData("LPA:1$smdp.example.com")]
    [InlineData("LPA:1$$AB")]
    [InlineData("LPA:1$smdp$AB")]
    [InlineData("LPA:1$https://smdp.example.com$AB")]
    [InlineData("LPA:1$smdp.example.com:443$AB")]
    [InlineData("LPA:1$-smdp.example.com$AB")]
    [InlineData("LPA:1$smdp.example.com$A_B")]
    [InlineData("LPA:1$smdp.example.com$AB\n")]
    [InlineData("LPA:1$smdp.example.com$AB$")]
    [InlineData("LPA:1$smdp.example.com$AB$x")]
    [InlineData("LPA:1$smdp.example.com$AB$$0")]
    [InlineData("LPA:1$smdp.example.com$AB$$1$")]
    public void Anything_else_is_no_activation_code(string text) =>
        Assert.Equal(ErrorCode.InvalidValue, ActivationCode.Parse(text).Error?.Code);

    [Fact]
    public void A_code_has_at_most_255_characters()
    {
        const string Host = "smdp.example.com";
        var room = ActivationCode.MaxLength - $"1${Host}$".Length;
        Assert.Null(ActivationCode.Create(Host, new string('A', room)).Error);
        Assert.Equal("matching_id", ActivationCode.Create(Host, new string('A', room + 1)).Error?.Field);
        Assert.NotNull(ActivationCode.Parse($"LPA:1${Host}${new string('A', room + 1)}").Error);
    }

    [Fact]
    public void Neither_the_text_of_a_code_nor_an_error_shows_the_token()
    {
        Assert.DoesNotContain("SECRET", ActivationCode.Parse("LPA:1$smdp.example.com$SECRET").Value.ToString());
        Assert.DoesNotContain("SECRET", $"{ActivationCode.Parse("LPA:1$smdp.example.com$SECRET!").Error}");
        Assert.DoesNotContain("SECRET", $"{ActivationCode.Parse("LPA:1$SECRET").Error}");
    }

    [Fact]
    public void Whatever_can_be_put_together_can_be_read_back() =>
        Prop.ForAll(
            Gen.Elements("", "A", "0-9", "abc-DEF-42").ToArbitrary(),
            Gen.Elements(null, "1.2", "1.3.6.1.4.1.31746").ToArbitrary(),
            Gen.Elements(true, false).ToArbitrary(),
            (token, oid, isRequired) =>
            {
                var code = ActivationCode.Create("smdp.example.com", token, oid, isRequired).Value;
                return ActivationCode.Parse(code.Reveal()).Value == code;
            }).QuickCheckThrowOnFailure();
}
