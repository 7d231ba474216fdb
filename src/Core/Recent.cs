namespace Simkeeper.Core;

/// <summary>The last few of a sequence, kept to recognise one that comes again.</summary>
public sealed class Recent<T>(int max) where T : notnull
{
    private readonly Queue<T> _inOrder = new();
    private readonly HashSet<T> _all = [];

    public bool Contains(T item) => _all.Contains(item);

    /// <summary>Adds one. False if it is there already.</summary>
    public bool Add(T item)
    {
        if (!_all.Add(item))
            return false;
        _inOrder.Enqueue(item);
        if (_inOrder.Count > max)
            _all.Remove(_inOrder.Dequeue());
        return true;
    }
}
