using System.Text;
using Simkeeper.Core;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>Forms with very many parameters, and pages with very large numbers.</summary>
[Attack]
[SqliteOnly]
public sealed class ParametersAttack(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const int Most = 1000;
    private readonly TestServer _server = sandbox.Server;

    [Theory]
    [InlineData("/v1/Sims/{sid}")]
    [InlineData("/v1/Commands")]
    [InlineData("/v1/RatePlans")]
    [InlineData("/v1/secrets")]
    [InlineData("/2010-04-01/Accounts")]
    [InlineData("/2010-04-01/Accounts/AC00000000000000000000000000000001/Keys")]
    [InlineData("/api-services/v1/auth/token")]
    public async Task A_form_with_more_parameters_than_allowed_is_refused_alike_named_ones_too(string path)
    {
        path = path.Replace("{sid}", await _server.SimAsync(), StringComparison.Ordinal);
        foreach (var name in (string[])["a", "FriendlyName", "Status"])
        {
            var answer = (await PostAsync(path, string.Join('&', Enumerable.Repeat(name, Most + 1)))).Is(400);
            Assert.Contains($"{Most} parameters", answer["message"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task As_many_as_allowed_are_taken_and_the_last_of_a_name_counts()
    {
        var sim = await _server.SimAsync();
        var form = string.Join('&', Enumerable.Range(0, Most).Select(i => $"FriendlyName={i}"));

        Assert.Equal($"{Most - 1}", (await PostAsync($"/v1/Sims/{sim}", form)).Is(200)["friendly_name"]);
    }

    [Theory]
    [InlineData("/v1/Sims", "DE")]
    [InlineData("/v1/RatePlans", "WP")]
    [InlineData("/v1/Events", "AE")]
    [InlineData("/v1/Commands", "DC")]
    [InlineData("/2010-04-01/Accounts.json", "AC")]
    [InlineData("/2010-04-01/Accounts/AC00000000000000000000000000000001/Keys.json", "SK")]
    public async Task No_page_is_so_far_that_its_neighbours_are_negative(string list, string kind)
    {
        Assert.NotEmpty(kind);
        await _server.SimAsync("test");
        foreach (var page in (string[])["2147483647", "2147483648", "99999999999999999999"])
        {
            foreach (var token in (string[])[Ids.ToSid("PA", Guid.AllBitsSet), Ids.ToSid("PB", Guid.Empty)])
            {
                var answer = await _server.Kore.FetchAsync($"{list}?PageSize=1&Page={page}&PageToken={token}");
                Assert.DoesNotContain("Page=-", answer.Is(200).Text, StringComparison.Ordinal);
                Assert.DoesNotContain("\"page\":-", answer.Text, StringComparison.Ordinal);
                Assert.DoesNotContain("\"start\":-", answer.Text, StringComparison.Ordinal);
            }
        }
        var secrets = await _server.Kore.FetchAsync("/v1/secrets?page_number=2147483647&page_size=100");
        Assert.DoesNotContain("page_number=-", secrets.Is(200).Text, StringComparison.Ordinal);
    }

    private Task<Answer> PostAsync(string path, string form) => _server.Kore.CallAsync(
        HttpMethod.Post, path, new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded"));
}
