using Simkeeper.Server.Dialects.Kore;
using Simkeeper.Server.Dialects.Twilio;

namespace Simkeeper.Server.Tests.Dialects;

/// <summary>The examples that Twilio and KORE publish.</summary>
public sealed class SignatureTests
{
    private const string Form = "field1=value1&field2=value2";
    private const string Digest = "4fdba0cb1394cc8d17b8dabb04634aa9a951021a7b161f9c7a2186cd490b18b2";

    /// <summary>KORE, "Validate Webhook Signatures".</summary>
    [Theory]
    [InlineData("secret12345", Form, Digest)]
    [InlineData("12345", Form, "f562d3959f68b5a30fc7a63f8bbf40987f633575f4231ffceb4f76dd154ea3ce")]
    [InlineData("a35974bdf1c769b8bb", """{"field1":"value1","field2":"value2"}""",
        "d21c555b37789cdb9433a85760d326f0c637d5c17676b8dc49918ec629c67d59")]
    public void Kore_as_published(string secret, string body, string digest) =>
        Assert.Equal(digest, KoreSignature.Of(secret, "POST", "https://testendpoint.com", System.Text.Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("https://testendpoint.com#cbs=kore")]
    [InlineData("https://testendpoint.com?foo1=bar1&foo2=bar2")]
    [InlineData("https://testendpoint.com?foo1=bar1#cbs=kore")]
    public void Kore_leaves_query_and_fragment_out(string url) =>
        Assert.Equal(Digest, KoreSignature.Of("secret12345", "POST", url, "field1=value1&field2=value2"u8));

    /// <summary>Twilio, "Validating Signatures from Twilio".</summary>
    [Fact]
    public void Twilio_as_published() => Assert.Equal("RSOYDt4T1cUTdK1PDd93/VVr8B8=", TwilioSignature.Of(
        "12345", "https://mycompany.com/myapp.php?foo=1&bar=2", TwilioCallback.Parameters(
            "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"u8)));
}
