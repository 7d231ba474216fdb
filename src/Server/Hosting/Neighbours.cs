namespace Simkeeper.Server.Hosting;

/// <summary>Says if more than one org is calling. While one is alone, it may use the whole server.</summary>
internal sealed class Neighbours(TimeProvider wall)
{
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(1);

    private int _last;
    private long _changed = wall.GetTimestamp();

    /// <summary>True if requests of more than one org have come within about a second.</summary>
    public bool AreThere => wall.GetElapsedTime(Volatile.Read(ref _changed)) < Lately;

    /// <summary>A request of an org has come.</summary>
    public void See(Party party)
    {
        // Two threads may see different orgs last: either way there are two.
        if (Volatile.Read(ref _last) == party.OrgHash)
            return;
        Volatile.Write(ref _last, party.OrgHash);
        Volatile.Write(ref _changed, wall.GetTimestamp());
    }
}
