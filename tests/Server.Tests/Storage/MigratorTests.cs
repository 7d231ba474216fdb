using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

[SqliteOnly]
public sealed class MigratorTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly MovableTime _wall = MovableTime.Standing;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_store_of_a_newer_program_is_refused()
    {
        await OpenAndCloseAsync();
        Execute("insert into migrations (name, checksum, applied_at) values ('9999_tomorrow.sql', 'x', 0)");

        var refused = await Assert.ThrowsAsync<StartException>(OpenAndCloseAsync);

        Assert.Contains("9999_tomorrow.sql", refused.Message, StringComparison.Ordinal);
        Assert.Contains("newer", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_whose_migration_was_another_text_is_refused()
    {
        await OpenAndCloseAsync();
        Execute("update migrations set checksum = 'x'");

        var refused = await Assert.ThrowsAsync<StartException>(OpenAndCloseAsync);

        Assert.Contains("0001_inventory.sql", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_store_is_left_as_it_was_and_can_be_opened_once_mended()
    {
        await OpenAndCloseAsync();
        var schema = Execute("pragma schema_version");
        Execute("insert into migrations (name, checksum, applied_at) values ('9999_tomorrow.sql', 'x', 0)");
        await Assert.ThrowsAsync<StartException>(OpenAndCloseAsync);
        Execute("delete from migrations where name = '9999_tomorrow.sql'");

        await OpenAndCloseAsync();

        Assert.Equal(schema, Execute("pragma schema_version"));
    }

    [Fact]
    public async Task A_second_start_applies_nothing()
    {
        await OpenAndCloseAsync();
        var before = (Execute("pragma schema_version"), Execute("select group_concat(name || checksum || applied_at) from migrations"));
        _wall.Move(TimeSpan.FromDays(1));

        await OpenAndCloseAsync();

        Assert.Equal(before, (Execute("pragma schema_version"),
            Execute("select group_concat(name || checksum || applied_at) from migrations")));
    }

    [Fact]
    public async Task Of_several_webhook_secrets_of_one_status_that_an_earlier_program_has_left_the_newest_stays()
    {
        await OpenAndCloseAsync();
        Execute("""
            drop index webhook_secrets_status;
            delete from migrations where name = '0006_one_active_secret.sql';
            with made (id, account, status) as (values (1, 1, 'active'), (2, 1, 'active'), (3, 1, 'pending'), (4, 1, 'pending'),
              (5, 2, 'active'), (6, 3, 'pending'))
            insert into webhook_secrets (org_id, id, account_id, name, status, sealed_secret, updated_at)
            select x'00', cast(id as blob), cast(account as blob), id || '', status, x'00', 0 from made;
            """);

        await OpenAndCloseAsync();

        Assert.Equal("2,4,5,6", Execute("select group_concat(name) from (select name from webhook_secrets order by name)"));
        Assert.Throws<SqliteException>(() => Execute("update webhook_secrets set status = 'active' where name = '4'"));
    }

    private async Task OpenAndCloseAsync() => await SqliteDatabase.Open(_folder.Path, _wall, NullLogger.Instance).DisposeAsync();

    private object? Execute(string text)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.Of("simkeeper.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar();
    }
}
