using System.Net;
using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

[SqliteOnly]
public sealed class OpenApiTests
{
    private static readonly string[] Methods = ["get", "put", "post", "patch", "delete", "head", "options", "trace"];

    [Theory]
    [InlineData("gigs")]
    [InlineData("kore")]
    [InlineData("operator")]
    public async Task The_document_is_served_to_anybody_and_says_exactly_what_the_server_answers(string api)
    {
        var published = await File.ReadAllBytesAsync(
            Path.Combine(TestFolder.Sources, "docs", "openapi", $"{api}.json"), TestContext.Current.CancellationToken);
        await using var server = await TestServer.StartAsync();

        using var answer = await server.Anonymous.GetAsync($"/openapi/{api}.json", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(published, await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        using var document = JsonDocument.Parse(published);
        var described = document.RootElement.GetProperty("paths").EnumerateObject()
            .Where(path => !path.Name.StartsWith("/health/", StringComparison.Ordinal))
            .SelectMany(path => path.Value.EnumerateObject().Where(member => Methods.Contains(member.Name))
                .Select(member => $"{member.Name.ToUpperInvariant()} {path.Name}"));
        Assert.Equal(described.Order(), server.Routes[api].Select(route => $"{route.Method} {route.Template}").Order());
    }

    [Fact]
    public async Task A_document_that_does_not_exist_is_404()
    {
        await using var server = await TestServer.StartAsync();

        (await server.Anonymous.FetchAsync("/openapi/other.json")).Is(404);
    }
}
