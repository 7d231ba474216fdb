using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Jobs;

/// <summary>Settings of the work that is due.</summary>
internal sealed class JobSettings
{
    public JobSettings(Settings read)
    {
        Role = read.OneOf("Jobs:Role", "all",
            "`api` answers requests, `worker` does the work that is due, `all` both. The same as `--role`.", "api", "worker", "all");
        (Answers, Works) = (Role != "worker", Role != "api");
        Lease = read.Duration("Jobs:Lease", "10s", "1s", "1h",
            "The time for which a worker may hold a job before another may take it. Wall clock.");
    }

    /// <summary><c>api</c>, <c>worker</c> or <c>all</c>.</summary>
    public string Role { get; }

    /// <summary>True if this server answers the requests of the APIs.</summary>
    public bool Answers { get; }

    /// <summary>True if this server does the work that is due.</summary>
    public bool Works { get; }

    public TimeSpan Lease { get; }
}
