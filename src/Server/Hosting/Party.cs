namespace Simkeeper.Server.Hosting;

/// <summary>The one who asks, as the door counts requests: its org, its account and its key. Operators are one org of their own.</summary>
internal sealed record Party(Guid Org, Guid Account, Guid Key)
{
    /// <summary>Hashes that nobody outside can foresee: they say which place a count has.</summary>
    public int OrgHash { get; } = HashCode.Combine(Org);

    public int AccountHash { get; } = HashCode.Combine(Account);

    public int KeyHash { get; } = HashCode.Combine(Key);
}

/// <summary>The kinds of work that requests ask for. Each has its own limit of how much is done at once.</summary>
internal enum Work
{
    /// <summary>One thing is read.</summary>
    Read,

    /// <summary>Something is changed. Changes wait for the one writer of the store; reads do not wait behind them.</summary>
    Change,

    /// <summary>A list is read.</summary>
    List,

    /// <summary>A file of any size is taken in.</summary>
    Import,

    /// <summary>An answer without an end.</summary>
    Stream,
}

/// <summary>The kinds of work by method, and their words.</summary>
internal static class WorkNames
{
    /// <summary>The kind of work that a method says, unless the operation says another.</summary>
    public static Work OfMethod(string method) => HttpMethods.IsGet(method) ? Work.Read : Work.Change;

    public static string ToWire(this Work work) => work switch
    {
        Work.Read => "read",
        Work.Change => "change",
        Work.List => "list",
        Work.Import => "import",
        Work.Stream => "stream",
    };
}
