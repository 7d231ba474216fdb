using System.Diagnostics;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>Somebody guesses keys, as fast as many connections can.</summary>
[Attack]
[SqliteOnly]
public sealed class GuessingAttack
{
    private const int Allowed = 20;

    [Fact]
    public async Task Guesses_beyond_the_limit_are_slow_and_cost_no_read_of_the_store()
    {
        var (connections, time) = (AttackAttribute.Size(32, 256), TimeSpan.FromSeconds(AttackAttribute.Size(2, 20)));
        var reads = 0;
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { ["Accounts:FailuresPerAddress"] = $"{Allowed}" },
            seams: Seams.None with { Database = inner => new Counted(inner, () => Interlocked.Increment(ref reads)) });
        (await server.Gigs.FetchAsync("/projects/sandbox/sims")).Is(200);
        reads = 0;
        var (answered, started) = (0, Stopwatch.GetTimestamp());

        await Task.WhenAll(Enumerable.Range(0, connections).Select(async connection =>
        {
            using var client = Calls.Client(server.Url);
            for (var i = 0; Stopwatch.GetElapsedTime(started) < time; i++)
            {
                await client.FetchAsync("/projects/sandbox/sims", ("Authorization", $"Bearer gpk_{connection}_{i}"));
                Interlocked.Increment(ref answered);
            }
        }));

        // Those that were on their way when the limit was reached are looked at too.
        Assert.InRange(reads, 1, Allowed + connections);
        // A hundred refusals are prompt; after that each connection gets one a second.
        Assert.InRange(answered, 1, Allowed + 100 + (connections * (3 + (int)Stopwatch.GetElapsedTime(started).TotalSeconds)));
        (await server.Gigs.FetchAsync("/projects/sandbox/sims")).Is(200);
    }

    private sealed class Counted(Database inner, Action count) : Database
    {
        public override ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> work)
        {
            if (typeof(T) == typeof(Simkeeper.Server.Accounts.Caller))
                count();
            return inner.ReadAsync(work);
        }

        public override Task<T> WriteAsync<T>(Func<Session, ValueTask<T>> work) => inner.WriteAsync(work);

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
