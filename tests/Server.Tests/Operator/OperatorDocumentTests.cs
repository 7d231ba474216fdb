using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Operator;

[SqliteOnly]
public sealed class OperatorDocumentTests
{
    [Fact]
    public async Task The_published_document_is_the_one_that_the_endpoints_and_their_records_make()
    {
        var file = Path.Combine(TestFolder.Sources, "docs", "openapi", "operator.json");
        await using var server = await TestServer.StartAsync();

        var made = new OperatorDocument(server.OperatorEndpoints, server.Json, new BroughtWords(server.KeyKinds)).Write();

        if (Environment.GetEnvironmentVariable("SIMKEEPER_UPDATE_DOCS") == "1")
            await File.WriteAllTextAsync(file, made, TestContext.Current.CancellationToken);
        Assert.True(made == await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken),
            "docs/openapi/operator.json is not what the endpoints make. SIMKEEPER_UPDATE_DOCS=1 writes it anew.");
    }
}
