using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Dialects.Kore;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Tests.Support;

/// <summary>Messengers for tests of deliveries that never come to be signed.</summary>
internal static class Senders
{
    public static Messengers Of(Settings settings)
    {
        var http = new HttpSettings(settings);
        return new Messengers([new KoreMessenger(new KoreSettings(settings, http, new SandboxSettings(settings, http)), null!)],
            new SealedUrls(null!, null!), new BrokenRows(NullLogger.Instance));
    }
}
