using System.Text.RegularExpressions;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>SQL, and the words of the store, stand in one place each.</summary>
[SqliteOnly]
public sealed partial class SqlPlaceTests
{
    [Fact]
    public void SQL_stands_only_beside_its_table_and_in_the_storage() => Assert.Empty(Sources()
        .Where(file => !TableOrSql().IsMatch(file.Path) && Sql().IsMatch(file.Code))
        .Select(file => file.Path));

    [Fact]
    public void The_members_of_an_enum_have_words_and_are_never_read_or_written_by_their_names() => Assert.Empty(Sources()
        .Where(file => EnumByName().IsMatch(file.Code)).Select(file => file.Path));

    [Theory]
    [InlineData("new(\"select id from sims where id = @id\")")]
    [InlineData("new(\"\"\"\n  insert into sims (id) values (@id)\n  \"\"\")")]
    [InlineData("$\"update sims set {all}\"")]
    [InlineData("\"delete from sims\"")]
    public void SQL_is_seen(string code) => Assert.Matches(Sql(), code);

    /// <summary>The server's files but for the storage, without their comments.</summary>
    private static IEnumerable<(string Path, string Code)> Sources()
    {
        var root = Path.Combine(TestFolder.Sources, "src", "Server");
        return Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(path => (Path.GetRelativePath(root, path).Replace('\\', '/'), Comment().Replace(File.ReadAllText(path), "")))
            .Where(file => !file.Item1.StartsWith("Storage/", StringComparison.Ordinal))
            .OrderBy(file => file.Item1, StringComparer.Ordinal);
    }

    [GeneratedRegex(@"(Table|Sql)\.cs$")]
    private static partial Regex TableOrSql();

    [GeneratedRegex(@"\binsert into \w|\bdelete from \w|\bupdate \w+ set\b|\bselect\s[^;]*?\sfrom \w")]
    private static partial Regex Sql();

    [GeneratedRegex(@"Enum\.(Try)?Parse|\bToString\(\)\.ToLowerInvariant\(\)")]
    private static partial Regex EnumByName();

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
