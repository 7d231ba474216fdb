using System.Net;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Sims;

public sealed class QrAddressTests
{
    [Fact]
    public async Task An_address_that_was_not_made_here_is_404_whatever_it_looks_like()
    {
        await using var server = await TestServer.StartAsync();
        string[] tokens = ["", "a", "CANARY", "%00", "....", "____", "a b", new('A', 48), new('A', 87), new('A', 5000)];
        foreach (var token in tokens)
        {
            using var answer = await server.Anonymous.GetAsync($"/qrcode/{token}.png", TestContext.Current.CancellationToken);
            Assert.True(answer.StatusCode == (token == "%00" ? HttpStatusCode.BadRequest : HttpStatusCode.NotFound),
                $"{token}: {answer.StatusCode}");
        }
    }
}
