namespace Simkeeper.Server.Sims.Import;

/// <summary>Numbers of up to 18 digits that a file has had, in 16 to 32 bytes each.</summary>
internal sealed class NumberSet
{
    private const int SlotsAtFirst = 1024;

    // 0 is an empty slot: a number is kept with a 1 before it, so that 012 and 12 are two.
    private ulong[] _slots = new ulong[SlotsAtFirst];
    private int _count;

    /// <summary>Adds a number; false: it was there.</summary>
    /// <param name="digits">At most 18 digits.</param>
    public bool Add(ReadOnlySpan<char> digits)
    {
        var number = 1UL;
        foreach (var digit in digits)
            number = (number * 10) + (ulong)(digit - '0');
        if (!Put(number))
            return false;
        if (++_count > _slots.Length / 2)
            Grow();
        return true;
    }

    private bool Put(ulong number)
    {
        var mask = _slots.Length - 1;
        // Fibonacci hashing: the numbers of a file follow one another.
        for (var slot = (int)((number * 0x9E3779B97F4A7C15) >> 32) & mask; ; slot = (slot + 1) & mask)
        {
            if (_slots[slot] == number)
                return false;
            if (_slots[slot] == 0)
            {
                _slots[slot] = number;
                return true;
            }
        }
    }

    private void Grow()
    {
        var former = _slots;
        _slots = new ulong[former.Length * 2];
        foreach (var number in former)
        {
            if (number != 0)
                Put(number);
        }
    }
}
