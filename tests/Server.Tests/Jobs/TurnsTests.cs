using Simkeeper.Server.Jobs;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Jobs;

[SqliteOnly]
public sealed class TurnsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(int.MaxValue - 4)]
    [InlineData(-5)]
    public void Turns_go_round_for_ever_also_when_the_count_runs_over(int first)
    {
        var turns = new Turns(first);

        var given = Enumerable.Range(0, 12).Select(_ => turns.Next(3)).ToList();

        Assert.All(given, turn => Assert.InRange(turn, 0, 2));
        Assert.All([0, 1, 2], turn => Assert.InRange(given.Count(each => each == turn), 3, 5));
    }
}
