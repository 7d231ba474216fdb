using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Operator;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Accounts;

[SqliteOnly]
public sealed class RevocationTests : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private readonly PausedReads _database;
    private readonly Credentials _credentials;
    private readonly Door _door;
    private readonly Keys _keys;

    public RevocationTests()
    {
        _database = new(SqliteDatabase.Open(_folder.Path, TimeProvider.System, NullLogger.Instance));
        var settings = new Settings(new ConfigurationBuilder().Build());
        _door = new Door(new HttpLimits(settings), TimeProvider.System);
        _credentials = new(_database, TimeProvider.System, new Signals(), new AccessTokens(new byte[32], TimeProvider.System),
            new FailedLogins(new AccountSettings(settings), TimeProvider.System), _door);
        var clock = new SimClock(TimeProvider.System);
        _keys = new(_database, _credentials, clock, new IdGenerator(clock));
    }

    [Fact]
    public async Task A_key_that_is_revoked_while_it_is_looked_up_is_refused_from_then_on()
    {
        var (key, secret) = await _keys.CreateAsync(null, OperatorKey.Kind, readOnly: false, "", expiresAt: null);
        _database.AfterRead = async () => Assert.True(await _keys.RevokeAsync(null, key.Id));

        Assert.NotNull(await FindAsync(secret));

        Assert.Null(await FindAsync(secret));
    }

    [Fact]
    public async Task A_revocation_leaves_other_keys_as_they_are()
    {
        var (revoked, _) = await _keys.CreateAsync(null, OperatorKey.Kind, readOnly: false, "", expiresAt: null);
        var (kept, secret) = await _keys.CreateAsync(null, OperatorKey.Kind, readOnly: true, "", expiresAt: null);
        Assert.NotNull(await FindAsync(secret));

        Assert.True(await _keys.RevokeAsync(null, revoked.Id));

        Assert.Equal(kept.Id, (await FindAsync(secret))?.CredentialId);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<Caller?> FindAsync(string secret) => (await _credentials.FindAsync(secret, new DefaultHttpContext())).Caller;

    /// <summary>A store whose next read is followed by something else before its reader goes on.</summary>
    private sealed class PausedReads(Database inner) : Database
    {
        public Func<Task>? AfterRead { get; set; }

        public override async ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> work)
        {
            var result = await inner.ReadAsync(work);
            var after = AfterRead;
            AfterRead = null;
            if (after is not null)
                await after();
            return result;
        }

        public override Task<T> WriteAsync<T>(Func<Session, ValueTask<T>> work) => inner.WriteAsync(work);

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
