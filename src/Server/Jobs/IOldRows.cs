using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Jobs;

/// <summary>Rows of one kind that are removed when they are old. <see cref="Retention"/> removes those of every kind.</summary>
internal interface IOldRows
{
    /// <summary>Finds orgs that have old rows; cheap when there are none.</summary>
    ValueTask<List<Guid>> OrgsAsync(Session session);

    /// <summary>Removes the oldest of an org, at most <see cref="Retention.BatchMax"/>. Says if there may be more.</summary>
    ValueTask<bool> RemoveAsync(Session session, Guid orgId);
}
