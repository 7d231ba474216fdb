using System.Text.RegularExpressions;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests;

/// <summary>Holds how the code is written: what a compiler does not see.</summary>
[SqliteOnly]
public sealed partial class SourceTests
{
    private const int ColumnsMax = 140;

    [Fact]
    public void No_line_is_longer_than_140_columns() => Assert.Empty(Lines(File.ReadAllText, "src", "tests", "benchmarks")
        .Where(line => line.Text.Length > ColumnsMax).Select(line => line.Where));

    [Fact]
    public void A_summary_says_what_the_thing_is_or_does() => Assert.Empty(Lines(Joined, "src", "tests", "benchmarks")
        .Where(line => Headless().IsMatch(line.Text)).Select(line => line.Where));

    [Fact]
    public void Nothing_is_left_for_later() => Assert.Empty(Lines(File.ReadAllText, "src", "benchmarks")
        .Where(line => LeftForLater().IsMatch(line.Text)).Select(line => line.Where));

    private static IEnumerable<(string Where, string Text)> Lines(Func<string, string> read, params string[] folders)
    {
        foreach (var file in folders.SelectMany(folder => Directory.EnumerateFiles(
            Path.Combine(TestFolder.Sources, folder), "*.cs", SearchOption.AllDirectories)))
        {
            var name = Path.GetRelativePath(TestFolder.Sources, file);
            foreach (var (index, line) in read(file).Split('\n').Index())
                yield return ($"{name}:{index + 1}: {line.Trim()}", line);
        }
    }

    /// <summary>The text of a file in which each summary begins on the line of its tag.</summary>
    private static string Joined(string file) => SummaryBreak().Replace(File.ReadAllText(file), "<summary>");

    [GeneratedRegex(@"<summary>\s*(What|Whether|How|Who|Where|Likewise)\b")]
    private static partial Regex Headless();

    [GeneratedRegex(@"<summary>\s*\n\s*///\s*")]
    private static partial Regex SummaryBreak();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|NotImplementedException)\b")]
    private static partial Regex LeftForLater();
}
