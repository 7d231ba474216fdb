using System.Buffers;
using System.Text;

namespace Simkeeper.Core.Sims;

/// <summary>Text that people give. Lengths count Unicode scalar values, so a limit does not depend on an encoding.</summary>
internal static class Text
{
    // Emoji_Presentation=Yes of Unicode 16 (UTS #51) below U+10000, and U+FE0F, which makes an emoji of the character before it.
    private static readonly SearchValues<char> EmojiChars = SearchValues.Create(
        "\u231A\u231B\u23E9\u23EA\u23EB\u23EC\u23F0\u23F3\u25FD\u25FE\u2614\u2615\u2648\u2649\u264A\u264B\u264C\u264D\u264E\u264F\u2650"
        + "\u2651\u2652\u2653\u267F\u2693\u26A1\u26AA\u26AB\u26BD\u26BE\u26C4\u26C5\u26CE\u26D4\u26EA\u26F2\u26F3\u26F5\u26FA\u26FD\u2705"
        + "\u270A\u270B\u2728\u274C\u274E\u2753\u2754\u2755\u2757\u2795\u2796\u2797\u27B0\u27BF\u2B1B\u2B1C\u2B50\u2B55\uFE0F");

    public static int Length(string text)
    {
        var length = 0;
        foreach (var _ in text.EnumerateRunes())
            length++;
        return length;
    }

    /// <summary>False for U+0000, which no database keeps, and for half a surrogate pair, which UTF-8 cannot hold.</summary>
    public static bool IsStorable(string text)
    {
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var used) != OperationStatus.Done || rune.Value == 0)
                return false;
            rest = rest[used..];
        }
        return true;
    }

    /// <summary>
    /// True if the text has a character that is an emoji by itself, is made one, or lies in the pictograph blocks U+1F000 to U+1FAFF.
    /// </summary>
    public static bool HasEmoji(string text)
    {
        if (text.AsSpan().ContainsAny(EmojiChars))
            return true;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is >= 0x1F000 and <= 0x1FAFF)
                return true;
        }
        return false;
    }
}
