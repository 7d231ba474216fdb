using Simkeeper.Core.Commands;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;

namespace Simkeeper.Core.Tests;

/// <summary>Every member of a stored enum has one word of its own, and comes back from it.</summary>
public sealed class WordsTests
{
    [Fact]
    public void Every_member_comes_back_from_its_word()
    {
        ComeBack(SimStatusNames.Words);
        ComeBack(SimTypes.Words);
        ComeBack(ProfileStatusNames.Words);
        ComeBack(ImportColumnNames.Words);
        ComeBack(RatePlanNames.Strategies);
        ComeBack(RatePlanNames.Narrowbands);
        ComeBack(OperationNames.Kinds);
        ComeBack(OperationNames.States);
        ComeBack(CommandNames.Directions);
        ComeBack(CommandNames.Modes);
        ComeBack(CommandNames.Statuses);
        ComeBack(CommandNames.IncludeSids);
    }

    [Theory]
    [InlineData("Active")]
    [InlineData("0")]
    [InlineData("")]
    public void A_word_that_nobody_writes_is_no_member(string word)
    {
        Assert.Null(SimStatusNames.Words.Find(word));
        Assert.Throws<FormatException>(() => SimStatusNames.Words.Read(word));
        Assert.Throws<FormatException>(() => SimStatusNames.ProgressOf(word));
    }

    [Fact]
    public void What_is_shown_says_how_the_open_operation_stands()
    {
        foreach (var status in Enum.GetValues<SimStatus>())
        {
            foreach (var progress in Enum.GetValues<Progress>())
                Assert.Equal(progress, SimStatusNames.ProgressOf(SimStatusNames.Shown(status, progress)));
        }
    }

    private static void ComeBack<T>(Words<T> words)
        where T : struct, Enum
    {
        Assert.Equal(Enum.GetValues<T>(), words.All.Select(words.Read));
        Assert.Distinct(words.All);
    }
}
