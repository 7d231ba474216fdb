using System.Net;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Accounts;

/// <summary>
/// Counts failed log-ins by address and by the id that was given. Somebody who guesses gets few guesses, and costs no reads of the store.
/// An id that exists counts as one that does not, so the answers tell nothing about either.
/// </summary>
internal sealed class FailedLogins(AccountSettings settings, TimeProvider wall)
{
    private readonly PerMinute _ofAddress = new(settings.FailuresPerAddress, wall), _ofId = new(settings.FailuresPerCredential, wall);

    /// <summary>The whole seconds until this address, with what it sent, may try again; null: now.</summary>
    /// <param name="sent">A key or an access token, which have no id that could be seen; or <c>id:secret</c>.</param>
    public int? Wait(IPAddress? address, string sent) =>
        _ofAddress.Wait(PerMinute.Caller(address)) ?? (Id(sent) is { } id ? _ofId.Wait(id) : null);

    /// <summary>It has failed.</summary>
    public void Count(IPAddress? address, string sent)
    {
        _ofAddress.Count(PerMinute.Caller(address));
        if (Id(sent) is { } id)
            _ofId.Count(id);
    }

    private static string? Id(string sent) => sent.IndexOf(':') is > 0 and var end ? sent[..end] : null;
}
