using Simkeeper.Core.Commands;

namespace Simkeeper.Core.Tests.Commands;

public sealed class CommandTests
{
    private static readonly Guid Id = Guid.Parse("0198a000-0000-7000-8000-000000000040");
    private const string Sid = "DC0198a000000070008000000000000040";

    [Theory]
    [InlineData(CommandMode.Text, IncludeSid.None, "on")]
    [InlineData(CommandMode.Text, IncludeSid.Start, $"{Sid} on")]
    [InlineData(CommandMode.Text, IncludeSid.End, $"on {Sid}")]
    [InlineData(CommandMode.Binary, IncludeSid.Start, "on")]
    public void The_device_gets_the_sid_where_a_text_is_to_have_it(CommandMode mode, IncludeSid include, string message) =>
        Assert.Equal(message, new Command { Id = Id, Body = "on", Mode = mode, IncludeSid = include }.Message);

    [Theory]
    [InlineData(1, true)]
    [InlineData(160, true)]
    [InlineData(161, false)]
    [InlineData(0, false)]
    public void A_text_has_1_to_160_characters(int length, bool fits) =>
        Assert.Equal(fits, Command.Check(CommandMode.Text, new string('x', length)) is null);

    [Theory]
    [InlineData("Grüße\n", true)]
    [InlineData("€", false)]
    [InlineData("😀", false)]
    [InlineData("a\0b", false)]
    public void A_text_has_characters_of_one_byte(string text, bool fits) =>
        Assert.Equal(fits, Command.Check(CommandMode.Text, text) is null);

    [Theory]
    [InlineData(1, true)]
    [InlineData(140, true)]
    [InlineData(141, false)]
    [InlineData(0, false)]
    public void A_binary_message_has_1_to_140_bytes(int length, bool fits) =>
        Assert.Equal(fits, Command.Check(CommandMode.Binary, Convert.ToBase64String(new byte[length])) is null);

    [Fact]
    public void A_binary_message_is_Base64() => Assert.NotNull(Command.Check(CommandMode.Binary, "no Base64!"));
}
