using Simkeeper.Core;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Jobs;

/// <summary>
/// Takes care of jobs whose work has thrown something. The worker's owner records a failed attempt, with its reason. If it cannot, the job
/// waits, longer each time. So a job that always fails is counted, and never runs in a tight loop.
/// </summary>
internal sealed class FailedJobs(JobQueue queue, ILogger log)
{
    /// <summary>The number of failed jobs that are remembered, so that the log names each once.</summary>
    private const int NamedMax = 10_000;

    private readonly Recent<(JobKind Kind, Guid SubjectId)> _named = new(NamedMax);
    private readonly Lock _lock = new();

    /// <summary>The reason of a failure, for operators, without the message of the exception: that may hold a secret.</summary>
    public static string Reason(Exception e) => $"The attempt broke off ({e.GetType().Name}); the server's log says more.";

    /// <summary>Records the failure of a job, or lets the job wait.</summary>
    /// <param name="record">Records a failed attempt of the job's subject. False: it cannot.</param>
    public async Task NoteAsync(Job job, Exception e, Func<Job, string, Task<bool>> record)
    {
        if (e is StoreAwayException)
        {
            log.LogWarning("A {Kind} job could not be done while the store is away; it is tried again.", job.Kind.ToWire());
            return;
        }
        Measured.JobFailed(job.Kind.ToWire());
        if (IsFirst(job))
        {
            log.LogError(e, "The {Kind} job of {Subject} failed. It is tried again, later each time; the log names it once.",
                job.Kind.ToWire(), job.SubjectId);
        }
        var reason = Reason(e);
        if (!await RecordAsync(job, reason, record))
            await queue.PostponeAsync(job, reason);
    }

    private static async Task<bool> RecordAsync(Job job, string reason, Func<Job, string, Task<bool>> record)
    {
        try
        {
            return await record(job, reason);
        }
        catch (Exception)
        {
            // Its subject cannot be read or changed; the log has the first exception.
            return false;
        }
    }

    private bool IsFirst(Job job)
    {
        lock (_lock)
            return _named.Add((job.Kind, job.SubjectId));
    }
}
