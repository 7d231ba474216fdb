using System.Text.RegularExpressions;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Postgres;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>
/// Every statement is of a form that a PostgreSQL distributed by org takes (Citus, "SQL support and workarounds"): it stays on the one
/// shard that has its org, or it is a read that each shard can do by itself.
/// </summary>
[SqliteOnly]
public sealed partial class DistributedTests
{
    /// <summary>Tables that every worker has in whole.</summary>
    private static readonly string[] Everywhere = ["directory", "migrations"];

    /// <summary>The same answer wherever and whenever they are called; and aggregates, put together from those of the shards.</summary>
    private static readonly string[] Functions = ["cast", "coalesce", "count", "length", "max", "min", "row_number", "sum"];

    /// <summary>Statements that never run on PostgreSQL.</summary>
    private static readonly string[] EmbeddedOnly = ["JobSql.VoidLeases"];

    private static readonly HashSet<string> Distributed = [.. Migrator.All
        .SelectMany(migration => CreateTable().Matches(migration.Text)).Select(match => match.Groups[1].Value).Except(Everywhere)];

    [Fact]
    public void Every_statement_stays_on_one_shard_or_is_on_the_list_of_those_that_look_across_orgs()
    {
        Assert.Contains("sims", Distributed);
        var wrong = SchemaTests.Statements().Where(statement => !SchemaTests.AcrossOrgs.ContainsKey(statement.Key))
            .Where(statement => Text(statement.Value) is var text && Tables(text).Count > 0 && !IsOfOneOrg(text));

        Assert.Empty(wrong.Select(statement => $"{statement.Key}: {statement.Value.Text}"));
    }

    [Fact]
    public void Whatever_looks_across_orgs_is_a_read_that_each_shard_can_do_by_itself()
    {
        var wrong = SchemaTests.Statements().Where(statement => SchemaTests.AcrossOrgs.ContainsKey(statement.Key))
            .ExceptBy(EmbeddedOnly, statement => statement.Key)
            .Where(statement => Text(statement.Value) is var text && Tables(text).Count > 0 && !IsReadOfEachShard(text));

        Assert.Empty(wrong.Select(statement => $"{statement.Key}: {statement.Value.Text}"));
    }

    [Fact]
    public void No_statement_calls_a_function_whose_answer_changes_nor_moves_a_row_to_another_org()
    {
        var wrong = SchemaTests.Statements().Where(statement => !IsCalm(Text(statement.Value)));

        Assert.Empty(wrong.Select(statement => $"{statement.Key}: {statement.Value.Text}"));
        Assert.Empty(Tables(PostgresDialect.StayOut(Section.Clock)));
    }

    [Theory]
    [InlineData("update jobs set due_at = @at where subject_id in (select id from sims where org_id = @org_id)")]
    [InlineData("delete from jobs where org_id = @org_id and subject_id in (select id from sims where iccid = @iccid)")]
    [InlineData("select 1 from sims s join jobs j on j.subject_id = s.id where s.org_id = @org_id")]
    [InlineData("insert into jobs (org_id, kind) select org_id, @kind from sims where org_id = @org_id")]
    [InlineData("select subject_id from jobs where due_at < @now limit 10 for update skip locked")]
    public void A_statement_that_may_reach_beyond_its_org_is_seen(string text) => Assert.False(IsOfOneOrg(text));

    [Theory]
    [InlineData("select subject_id from jobs where due_at < @now limit 10 for update skip locked")]
    [InlineData("update jobs set lease_until = null where lease_until is not null")]
    [InlineData("with recursive b (org_id) as (select org_id from orgs union all select org_id from b) select org_id from b")]
    [InlineData("select (select min(j.due_at) from jobs j where j.lane = @lane) from orgs o")]
    [InlineData("select 1 from orgs o join jobs j on j.org_id = o.org_id join sims s on s.id = j.subject_id")]
    [InlineData("select 1 from jobs, sims where jobs.subject_id = sims.id")]
    public void A_read_that_shards_cannot_do_each_by_itself_is_seen(string text) => Assert.False(IsReadOfEachShard(text));

    [Theory]
    [InlineData("update jobs set lease_owner = @owner where org_id = @org_id and (select pg_try_advisory_xact_lock_shared(1))")]
    [InlineData("insert into sims (org_id, id) values (@org_id, gen_random_uuid())")]
    [InlineData("update sims set org_id = @other where org_id = @org_id and id = @id")]
    [InlineData("delete from idempotency where org_id = @org_id and created_at < current_timestamp")]
    public void What_is_not_calm_is_seen(string text) => Assert.False(IsCalm(text));

    private static string Text(Sql sql) => PostgresDialect.Statement(sql);

    /// <summary>Every distributed table in it is asked for the one org, by itself or as it is joined to another that is.</summary>
    private static bool IsOfOneOrg(string text)
    {
        if (Listed().IsMatch(text))
            return false;
        if (Inserted().Match(text) is { Success: true } insert)
            return insert.Groups["values"].Success && Tables(text).Count == 1;
        return text.Contains("org_id = @org_id", StringComparison.Ordinal) && Tables(text).CountBy(table => table.Alias).All(table =>
            (table.Key == "" ? OrgOfNone() : OrgOf(table.Key)).Count(text) >= table.Value);
    }

    /// <summary>
    /// It reads one table, or several that are tied to each other by their org, without anything that needs all rows in one place.
    /// </summary>
    private static bool IsReadOfEachShard(string text)
    {
        var tables = Tables(text);
        return !NotOfEachShard().IsMatch(text) && !Listed().IsMatch(text)
            && (tables.Count == 1 || tables.CountBy(table => table.Alias).All(table =>
                table.Key != "" && OrgOf(table.Key).Count(text) >= table.Value));
    }

    private static bool IsCalm(string text) =>
        Called().Matches(text).All(call => Functions.Contains(call.Groups[1].Value)) && !Uncalm().IsMatch(text);

    /// <summary>Each mention of a distributed table, with the name that its columns have in the statement, if any.</summary>
    private static List<(string Table, string Alias)> Tables(string text) =>
        [.. Mention().Matches(text).Select(match => (match.Groups[1].Value, match.Groups[2].Value))
            .Where(table => Distributed.Contains(table.Item1))];

    private static Regex OrgOf(string alias) => new($@"\b{alias}\.org_id = (@org_id\b|\w+\.org_id)|\b\w+\.org_id = {alias}\.org_id");

    [GeneratedRegex(@"create table (\w+)")]
    private static partial Regex CreateTable();

    [GeneratedRegex(@"\b(?:from|join|into|update) +(\w+)"
        + @"(?: +(?!(?:where|set|values|cross|left|join|on|group|order|limit|union)\b)([a-z]+)\b)?")]
    private static partial Regex Mention();

    [GeneratedRegex(@"\bfrom \w+(?: [a-z]+)?,")]
    private static partial Regex Listed();

    [GeneratedRegex(@"^insert into \w+ \(org_id,[^)]*\)\s*(?<values>values \(@org_id,)?")]
    private static partial Regex Inserted();

    [GeneratedRegex(@"(?<![.\w])org_id = @org_id\b")]
    private static partial Regex OrgOfNone();

    [GeneratedRegex(@"^(?!select)|\bwith\b|\bfor update\b|\bunion\b|\bover \(|\boffset\b|\bdistinct\b|\bhaving\b|\bgroup by\b")]
    private static partial Regex NotOfEachShard();

    [GeneratedRegex(@"(\w+)\(")]
    private static partial Regex Called();

    [GeneratedRegex(@"\bset (?:[^()]*, )?org_id =|\bcurrent_|\blocaltime")]
    private static partial Regex Uncalm();
}
