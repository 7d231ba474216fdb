namespace Simkeeper.Core.Numbers;

/// <summary>Checks that a text is digits, and that its check digits are right, in two ways.</summary>
internal static class CheckDigits
{
    public static bool AreDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');

    /// <summary>Luhn, ISO/IEC 7812-1 annex B: from the right every second digit is doubled, and the sum ends in 0.</summary>
    public static bool PassesLuhn(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 1; i <= digits.Length; i++)
        {
            var digit = digits[^i] - '0';
            sum += i % 2 == 1 ? digit : (digit * 2 / 10) + (digit * 2 % 10);
        }
        return sum % 10 == 0;
    }

    /// <summary>The number modulo 97, ISO 7064.</summary>
    public static int Modulo97(ReadOnlySpan<char> digits)
    {
        var rest = 0;
        foreach (var c in digits)
            rest = ((rest * 10) + c - '0') % 97;
        return rest;
    }
}
