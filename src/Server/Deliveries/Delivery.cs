using Simkeeper.Core;
using Simkeeper.Core.Deliveries;

namespace Simkeeper.Server.Deliveries;

/// <summary>One message to one URL, as stored. The body never changes; a GET has none.</summary>
/// <param name="SimId">The SIM that it is about; all zero: it is a sample, about no SIM.</param>
/// <param name="Dialect">The dialect whose message it is (<see cref="IMessenger.Dialect"/>).</param>
/// <param name="Kind"><c>callback</c> or <c>webhook</c>, for people; its effects are the dialect's to know.</param>
/// <param name="Url">As stored: what is secret in it is sealed (<see cref="SealedUrls"/>).</param>
/// <param name="EndpointId">The webhook endpoint; null: a callback.</param>
/// <param name="MessageId">
/// An id shared by the deliveries of one message: one event to several endpoints, or a message that was sent again.
/// </param>
internal sealed record Delivery(
    Guid OrgId, Guid Id, Guid AccountId, Guid SimId, string Dialect, string Kind, string Url, string Method, byte[] Body,
    DeliveryState State = DeliveryState.Pending, int Attempts = 0, Guid? EndpointId = null, Guid? MessageId = null)
{
    public const string Callback = "callback", Webhook = "webhook", IdPrefix = "dlv";

    public string PublicId => Ids.ToBase62(IdPrefix, Id);

    /// <summary>The receiver: scheme, host and port. One receiver's failures do not affect another.</summary>
    public string Receiver => Uri.TryCreate(Url, UriKind.Absolute, out var url)
        ? url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)
        : "";

    /// <summary>The budget that its job needs: that of the receiver, and a share of the account.</summary>
    public string Budget => BudgetOf(Receiver, AccountId);

    public static string BudgetOf(string receiver, Guid accountId) => $"{receiver} {accountId:N}";
}
