using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Peers;

/// <summary>Linters that nobody here wrote. A warning fails as an error does.</summary>
[SqliteOnly]
public sealed class LintTests
{
    private static string[] Documents => Files("docs/openapi", "*.json");

    [Fact]
    public Task Spectral_finds_nothing_in_the_published_documents() => SpectralAsync(".spectral.yaml", Documents);

    [Fact]
    public Task Redocly_finds_nothing_in_the_published_documents() =>
        Peer.RunNodeAsync("node_modules/@redocly/cli/bin/cli.js", ["lint", "--config", "redocly.yaml", .. Documents],
            ("REDOCLY_TELEMETRY", "off"), ("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true"));

    [Fact]
    public Task The_workflows_and_the_issue_forms_have_the_keys_that_GitHub_needs() =>
        SpectralAsync("github.spectral.yaml", [.. Files(".github/workflows", "*.yml"), .. Files(".github/ISSUE_TEMPLATE", "*.yml")]);

    private static Task SpectralAsync(string rules, string[] files) =>
        Peer.RunNodeAsync("node_modules/@stoplight/spectral-cli/dist/index.js",
            ["lint", "--ruleset", rules, "--fail-severity", "hint", .. files]);

    private static string[] Files(string folder, string pattern) => Directory.GetFiles(Path.Combine(Peer.Repository, folder), pattern);
}
