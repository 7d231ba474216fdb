using Simkeeper.Core;
using Simkeeper.Core.Deliveries;

namespace Simkeeper.Server.Deliveries;

/// <summary>One message to one URL, as stored. The body never changes; a GET has none.</summary>
/// <param name="SimId">All zero: a sample, of no SIM.</param>
/// <param name="Dialect">The dialect whose message it is (<see cref="IMessenger.Dialect"/>).</param>
/// <param name="Kind"><c>callback</c> or <c>webhook</c>, for people; what follows from it, the dialect knows.</param>
/// <param name="EndpointId">The webhook endpoint; null: a callback.</param>
/// <param name="MessageId">What several deliveries share: those of one event to several endpoints, or of one that was sent again.</param>
internal sealed record Delivery(
    Guid OrgId, Guid Id, Guid AccountId, Guid SimId, string Dialect, string Kind, string Url, string Method, byte[] Body,
    DeliveryState State = DeliveryState.Pending, int Attempts = 0, Guid? EndpointId = null, Guid? MessageId = null)
{
    public const string Callback = "callback", Webhook = "webhook", IdPrefix = "dlv";
    private const string Hidden = "***";

    public string PublicId => Ids.ToBase62(IdPrefix, Id);

    /// <summary>
    /// The URL as operators see it. The password before the @, or what stands there alone, is the receiver's secret; the query of a GET is
    /// the message, which may be a Command's text.
    /// </summary>
    public string ShownUrl
    {
        get
        {
            var target = Method == "GET" ? Url.Split('?')[0] : Url;
            if (!Uri.TryCreate(target, UriKind.Absolute, out var url) || url.UserInfo.Length == 0)
                return target;
            var colon = url.UserInfo.IndexOf(':');
            var (user, password) = colon > 0 ? (url.UserInfo[..colon], Hidden) : (Hidden, "");
            return new UriBuilder(url) { UserName = user, Password = password }.Uri.AbsoluteUri;
        }
    }

    /// <summary>Whom it goes to: scheme, host and port. One receiver's trouble is its own.</summary>
    public string Receiver => Uri.TryCreate(Url, UriKind.Absolute, out var url)
        ? url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)
        : "";
}
