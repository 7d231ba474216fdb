namespace Simkeeper.Core;

/// <summary>The words of an enum in the store and in APIs, as its <c>ToWire</c> writes them, and their way back.</summary>
public sealed class Words<T>(Func<T, string> toWire)
    where T : struct, Enum
{
    private readonly (T Value, string Word)[] _all = [.. Enum.GetValues<T>().Select(value => (value, toWire(value)))];

    /// <summary>All words, in the order of the members.</summary>
    public IEnumerable<string> All => _all.Select(pair => pair.Word);

    public string Write(T value) => toWire(value);

    /// <summary>The member that a word of a user stands for; null: none.</summary>
    public T? Find(string? word)
    {
        foreach (var (value, known) in _all)
        {
            if (known == word)
                return value;
        }
        return null;
    }

    /// <summary>The member that a stored word stands for.</summary>
    /// <exception cref="FormatException">None: the row was not written by this program.</exception>
    public T Read(string word) => Find(word) ?? throw new FormatException($"No {typeof(T).Name} is called {word}.");
}
