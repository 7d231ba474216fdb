using Simkeeper.Core;
using Simkeeper.Server.Dialects.Twilio;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>The errors of Programmable Wireless and of KORE's gateway.</summary>
internal static class KoreErrors
{
    /// <summary>The codes of a value and of a page that is not acceptable.</summary>
    public const int InvalidValueCode = 33101, InvalidPagingCode = 33103;

    /// <summary>KORE's gateway has its own shape for this error, so its two extra members are added.</summary>
    public static readonly TwilioError BearerDenied =
        new(20003, 403, "User is not authorized to access this resource with an explicit deny") { Reason = "Invalid or expired token" };

    public static readonly TwilioError EventFilters = new(20004, 400, "Invalid combination of AuditEvent filters, no combinations of "
        + "ResourceSid, SourceIpAddress, ActorSid, and EventType are supported.");

    public static TwilioError InvalidValue(string message) => new(InvalidValueCode, 400, message);

    /// <summary>Maps our errors to KORE's; no other code does (error pages; HTTP status by the contract).</summary>
    public static TwilioError From(Error error, HttpRequest request) => error.Code switch
    {
        ErrorCode.SimNotFound or ErrorCode.NotFound => TwilioError.NotFound(request),
        ErrorCode.RatePlanNotFound => new TwilioError(33108, 404, error.Message),
        ErrorCode.InvalidValue or ErrorCode.AlreadyTaken => InvalidValue(error.Message),
        ErrorCode.MissingValue => new TwilioError(33102, 400, error.Message),
        ErrorCode.InvalidCombination => new TwilioError(33121, 400, error.Message),
        ErrorCode.ConfigurationIncomplete => new TwilioError(33104, 400, error.Message),
        ErrorCode.TransitionInvalid => new TwilioError(33105, 400, error.Message),
        ErrorCode.OperationOpen or ErrorCode.Conflict => new TwilioError(33010, 409, error.Message),
        ErrorCode.ResetNotAllowed => new TwilioError(33119, 400, error.Message),
        ErrorCode.ResetInProgress => new TwilioError(33120, 409, error.Message),
        ErrorCode.RatePlanNotAllowed => new TwilioError(33122, 400, error.Message),
        ErrorCode.NotAuthorized => new TwilioError(33201, 403, error.Message),
        ErrorCode.TooManyQueued => new TwilioError(33118, 429, error.Message),
        ErrorCode.TooMuchKept => new TwilioError(20429, 429, error.Message) { RetryAfter = error.RetryAfter },
        ErrorCode.AccountSuspended => TwilioError.AccountSuspended,
        ErrorCode.ReadOnlyKey => TwilioError.ReadOnlyKey,
        ErrorCode.StateForbids => new TwilioError(20409, 409, error.Message),
    };
}
