using FsCheck;
using FsCheck.Fluent;
using Simkeeper.Server.Sims.Import;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Sims.Import;

[SqliteOnly]
public sealed class NumberSetTests
{
    [Fact]
    public void A_number_is_new_once_and_leading_zeros_count() =>
        Prop.ForAll(
            Gen.Elements("0", "1", "9", "00", "12").NonEmptyListOf().Select(string.Concat).Where(text => text.Length <= 18).ListOf()
                .ToArbitrary(),
            numbers =>
            {
                var (set, known) = (new NumberSet(), new HashSet<string>());
                return numbers.All(number => set.Add(number) == known.Add(number));
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Ten_thousand_numbers_in_a_row_are_all_kept()
    {
        var set = new NumberSet();
        var numbers = Enumerable.Range(0, 10_000).Select(number => $"4453853{number:D11}").ToList();

        Assert.All(numbers, number => Assert.True(set.Add(number)));
        Assert.All(numbers, number => Assert.False(set.Add(number)));
    }
}
