using System.Net;

namespace Simkeeper.Server.Hosting;

/// <summary>Settings of a sandbox, the twin for development.</summary>
internal sealed class SandboxSettings
{
    /// <exception cref="StartException">A sandbox would listen on other addresses than loopback.</exception>
    public SandboxSettings(Settings read, HttpSettings http)
    {
        Enabled = read.Flag("Sandbox:Enabled", false,
            "Run as a sandbox: well-known credentials, demo SIMs, a clock that moves. The same as `--sandbox`.");
        var allowRemote = read.Flag("Sandbox:AllowRemote", false, "Let a sandbox listen on an address other than loopback (containers).");
        if (!Enabled || allowRemote)
            return;
        foreach (var url in http.Urls)
        {
            var host = BindingAddress.Parse(url).Host;
            if (host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)))
                continue;
            throw new StartException($"A sandbox has well-known credentials and listens on loopback only, not on {host}. "
                + "In a container, set Sandbox:AllowRemote=true.", wrongUse: true);
        }
    }

    public bool Enabled { get; }
}
