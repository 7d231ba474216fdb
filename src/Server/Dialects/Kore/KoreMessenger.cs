using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>Sends KORE's callbacks, with KORE's signature beside Twilio's.</summary>
internal sealed class KoreMessenger(KoreSettings settings, OpenedSecrets secrets) : IMessenger
{
    public string Dialect => KoreSettings.DialectName;

    public Joined ReadsAlong => KoreSecretSql.OfDelivery;

    public void Write(HttpRequestMessage request, Outgoing outgoing, DateTimeOffset at)
    {
        var (delivery, keys) = (outgoing.Delivery, (KoreKeys)outgoing.ReadAlong!);
        TwilioCallback.Write(request, outgoing, secrets.Open(keys.AuthToken));
        request.Headers.TryAddWithoutValidation(KoreSignature.Header,
            keys.Secret is { } secret ? KoreSignature.Of(secrets.Open(secret), delivery.Method, outgoing.Url, delivery.Body) : "");
        foreach (var name in new[] { "kore-idempotency-token", "I-Twilio-Idempotency-Token" })
            request.Headers.TryAddWithoutValidation(name, Token(delivery));
        request.Headers.TryAddWithoutValidation("date", JsonAnswer.Seconds(at));
        request.Headers.Remove("User-Agent");
        request.Headers.TryAddWithoutValidation("User-Agent", settings.UserAgent);
    }

    public DeliveryPolicy PolicyOf(Delivery delivery) => settings.PolicyOf(delivery.AccountId);

    public string Token(Delivery delivery) => (delivery.MessageId ?? delivery.Id).ToString();

    public string Elsewhere(Outgoing outgoing, string to) => TwilioCallback.Elsewhere(outgoing, to);
}

/// <summary>The keys that sign a callback, sealed.</summary>
/// <param name="AuthToken">The account's auth token.</param>
/// <param name="Secret">The account's newest active secret; null: it has none.</param>
internal sealed record KoreKeys(byte[] AuthToken, byte[]? Secret);
