using Simkeeper.Core;
using Simkeeper.Core.Commands;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Dialects.Twilio;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>The parameters of KORE's callbacks, encoded as HTML forms.</summary>
public static class KoreCallback
{
    private const string ApiVersion = "v1";

    /// <summary>
    /// The parameters about a Sim (KORE Sim page, "Callback values"), in the page's order; those of an error only when there is one.
    /// </summary>
    public static string Form(Sim sim, CallbackMessage message) => TwilioCallback.Form(
        ("SimSid", sim.Sid),
        ("SimUniqueName", sim.UniqueName ?? ""),
        ("SimStatus", sim.Shown),
        ("ErrorCode", message.ErrorCode?.ToString()),
        ("ErrorMessage", message.ErrorMessage),
        ("ApiVersion", ApiVersion),
        ("AccountSid", Ids.ToSid("AC", sim.AccountId)));

    /// <summary>
    /// The parameters about a Command. The page has no table of them. They are those of a Sim's callback, and the properties of the Command
    /// resource, with the status under both names that have been seen.
    /// </summary>
    public static string CommandForm(Command command, Sim? sim, int? errorCode = null, string? errorMessage = null) => TwilioCallback.Form(
        ("CommandSid", command.Sid),
        ("SimSid", Ids.ToSid("DE", command.SimId)),
        ("SimUniqueName", sim?.UniqueName ?? ""),
        ("Command", command.Body),
        ("CommandMode", command.Mode.ToWire()),
        ("CommandStatus", command.Status.ToWire()),
        ("Status", command.Status.ToWire()),
        ("Direction", command.Direction.ToWire()),
        ("ErrorCode", errorCode?.ToString()),
        ("ErrorMessage", errorMessage),
        ("ApiVersion", ApiVersion),
        ("AccountSid", Ids.ToSid("AC", command.AccountId)));
}
