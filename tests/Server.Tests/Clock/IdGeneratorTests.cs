using Simkeeper.Core;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Clock;

[SqliteOnly]
public sealed class IdGeneratorTests
{
    private readonly MovableTime _wall = MovableTime.Standing;
    private readonly IdGenerator _ids;

    public IdGeneratorTests() => _ids = new IdGenerator(new SimClock(_wall));

    [Fact]
    public async Task Eight_threads_get_a_hundred_thousand_ids_each_strictly_after_the_one_before()
    {
        const int threads = 8, each = 12_500;
        var ids = new IdGenerator(new SimClock(TimeProvider.System));

        var made = await Task.WhenAll(Enumerable.Range(0, threads).Select(_ => Task.Run(() =>
        {
            var mine = new Guid[each];
            for (var i = 0; i < each; i++)
                mine[i] = ids.Next();
            return mine;
        })));

        Assert.All(made, AssertRising);
        var all = made.SelectMany(mine => mine).ToList();
        Assert.Equal(threads * each, all.Select(Time).Distinct().Count());
        Assert.True(Time(ids.Next()) > all.Max(Time));
    }

    [Fact]
    public void A_clock_that_steps_back_does_not_take_the_ids_with_it()
    {
        var made = new List<Guid>();
        for (var i = 0; i < 1000; i++)
        {
            made.Add(_ids.Next());
            _wall.Move(TimeSpan.FromMilliseconds(i % 3 == 0 ? -5000 : 7));
        }

        AssertRising(made);
    }

    [Fact]
    public void Ids_before_and_after_a_step_back_that_lasts_no_millisecond_keep_their_order()
    {
        var made = new List<Guid> { _ids.Next() };
        _wall.Move(TimeSpan.FromHours(-3));
        made.Add(_ids.Next());
        _wall.Move(TimeSpan.FromHours(3));
        made.Add(_ids.Next());

        AssertRising(made);
        Assert.All(made, id => Assert.InRange(Ids.CreatedAt(id), _wall.GetUtcNow().AddHours(-3), _wall.GetUtcNow().AddSeconds(1)));
    }

    [Fact]
    public void A_millisecond_that_is_used_up_goes_on_in_the_next()
    {
        var made = Enumerable.Range(0, 3 * 4096).Select(_ => _ids.Next()).ToList();

        AssertRising(made);
        Assert.Equal(_wall.GetUtcNow(), Ids.CreatedAt(made[4095]));
        Assert.Equal(_wall.GetUtcNow() + TimeSpan.FromMilliseconds(1), Ids.CreatedAt(made[4096]));
        Assert.Equal(_wall.GetUtcNow() + TimeSpan.FromMilliseconds(2), Ids.CreatedAt(made[^1]));
    }

    [Fact]
    public void An_id_is_a_UUIDv7_of_its_moment()
    {
        for (var i = 0; i < 5000; i++)
        {
            _wall.Move(TimeSpan.FromTicks(12_345));
            var id = _ids.Next();
            var bytes = id.ToByteArray(bigEndian: true);
            Assert.Equal(7, id.Version);
            Assert.Equal(7, bytes[6] >> 4);
            Assert.Equal(0b10, bytes[8] >> 6);
            Assert.Equal(_wall.GetUtcNow().ToUnixTimeMilliseconds(), Ids.CreatedAt(id).ToUnixTimeMilliseconds());
        }
    }

    [Fact]
    public void Ids_go_on_after_the_last_one_of_an_earlier_run()
    {
        var last = _ids.Next(_wall.GetUtcNow() + TimeSpan.FromHours(1));
        var afterRestart = new IdGenerator(new SimClock(_wall));
        afterRestart.StartAfter(last);

        AssertRising([last, afterRestart.Next(), afterRestart.Next()]);
    }

    private static void AssertRising(IReadOnlyList<Guid> ids)
    {
        for (var i = 1; i < ids.Count; i++)
            Assert.True(Time(ids[i - 1]) < Time(ids[i]), $"{ids[i]} is not after {ids[i - 1]}.");
    }

    /// <summary>Millisecond, version and counter: what puts ids in order, without chance.</summary>
    private static ulong Time(Guid id) => System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(id.ToByteArray(bigEndian: true));
}
