using System.Net;
using Simkeeper.Core.Deliveries;

namespace Simkeeper.Core.Tests.Deliveries;

public sealed class AddressRulesTests
{
    private static readonly AddressRules Strict = new(false, []);
    private static readonly AddressRules Sandbox = new(true, []);

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("1.1.1.1")]
    [InlineData("168.63.129.17")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.0.1.0")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2001:200::1")]
    [InlineData("2a00:1450:4001::1")]
    [InlineData("::ffff:8.8.8.8")]
    public void A_public_address_may_be_called(string address) => Assert.True(Strict.Allow(IPAddress.Parse(address)));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("100.64.0.0")]
    [InlineData("100.127.255.255")]
    [InlineData("169.254.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("192.0.0.192")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.1")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::7f00:1")] // IPv4-compatible
    [InlineData("::ffff:169.254.169.254")] // IPv4-mapped
    [InlineData("::ffff:0:127.0.0.1")] // IPv4-translated
    [InlineData("64:ff9b::7f00:1")] // NAT64
    [InlineData("64:ff9b:1::a00:1")] // NAT64, local
    [InlineData("100::1")] // discard
    [InlineData("2001::1")] // Teredo
    [InlineData("2001:2::1")] // benchmarking
    [InlineData("2001:10::1")] // ORCHID
    [InlineData("2001:db8::1")] // documentation
    [InlineData("2002:7f00:1::")] // 6to4
    [InlineData("3fff::1")] // documentation
    [InlineData("5f00::1")] // SRv6
    [InlineData("168.63.129.16")] // metadata: Azure WireServer
    [InlineData("::ffff:168.63.129.16")]
    [InlineData("fd00:ec2::254")] // metadata: AWS
    [InlineData("fd20:ce::254")] // metadata: Google Cloud
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fec0::1")] // site-local
    [InlineData("ff02::1")]
    public void What_is_neither_public_nor_local_is_refused_everywhere(string address)
    {
        Assert.False(Strict.Allow(IPAddress.Parse(address)));
        Assert.False(Sandbox.Allow(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("10.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12:3456::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    public void What_is_local_may_be_called_by_a_sandbox_only(string address)
    {
        Assert.False(Strict.Allow(IPAddress.Parse(address)));
        Assert.True(Sandbox.Allow(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("::ffff:10.1.2.3", true)]
    [InlineData("10.2.0.1", false)]
    [InlineData("fd00:ec2::254", true)]
    [InlineData("fd00::1", false)]
    public void An_operator_allows_ranges(string address, bool allowed)
    {
        var rules = new AddressRules(false, [IPNetwork.Parse("10.1.0.0/16"), IPNetwork.Parse("fd00:ec2::/32")]);

        Assert.Equal(allowed, rules.Allow(IPAddress.Parse(address)));
    }
}
