using Simkeeper.Core;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>An error as KORE and Twilio write it: <c>{code, message, more_info, status}</c>.</summary>
internal sealed record KoreError(int Code, int Status, string Message)
{
    /// <summary>A second sentence that KORE's gateway gives as <c>error</c>; null elsewhere.</summary>
    public string? Reason { get; init; }

    /// <summary>Seconds to wait before the next try.</summary>
    public int? RetryAfter { get; init; }

    public static readonly KoreError Unauthenticated = new(20003, 401, "Authenticate");
    public static readonly KoreError MasterOnly = new(20003, 401, "Permission denied: this needs the master account's own credentials.");
    public static readonly KoreError AccountSuspended = new(20403, 403, "The account is suspended. Its master account can make it active again.");
    public static readonly KoreError ReadOnlyKey = new(20006, 403, "This key may only read. Use a key with the role write.");
    public static readonly KoreError MethodNotAllowed = new(20004, 405, "The method is not allowed for this resource.");
    public static readonly KoreError Internal = new(20500, 500, "An internal error occurred; whether the request took effect is unknown.");

    public static readonly KoreError StoreAway =
        new(20503, 503, "The store cannot be reached; whether the request took effect is unknown. Send it again in a while.")
        {
            RetryAfter = StoreAwayException.RetryAfterSeconds,
        };

    public static KoreError TooManyFailures(int seconds) =>
        new(20429, 429, "Too many requests with wrong credentials.") { RetryAfter = seconds };

    public static KoreError NotFound(HttpRequest request) => new(20404, 404, $"The requested resource {request.Path} was not found");

    /// <summary>KORE's gateway has a shape of its own for this; its two members are added.</summary>
    public static readonly KoreError BearerDenied = new(20003, 403, "User is not authorized to access this resource with an explicit deny")
    {
        Reason = "Invalid or expired token",
    };

    public static readonly KoreError EventFilters = new(20004, 400, "Invalid combination of AuditEvent filters, no combinations of "
        + "ResourceSid, SourceIpAddress, ActorSid, and EventType are supported.");

    /// <summary>A value that a resource beside Programmable Wireless does not accept.</summary>
    public static KoreError InvalidParameter(string message) => new(20001, 400, message);

    public static KoreError InvalidValue(string message) => new(33101, 400, message);

    public static KoreError InvalidPaging(string message) => new(33103, 400, message);

    /// <summary>The one place where our errors become KORE's (error pages; HTTP status by the contract).</summary>
    public static KoreError From(Error error, HttpRequest request) => error.Code switch
    {
        ErrorCode.SimNotFound or ErrorCode.NotFound => NotFound(request),
        ErrorCode.RatePlanNotFound => new(33108, 404, error.Message),
        ErrorCode.InvalidValue or ErrorCode.AlreadyTaken => InvalidValue(error.Message),
        ErrorCode.MissingValue => new(33102, 400, error.Message),
        ErrorCode.InvalidCombination => new(33121, 400, error.Message),
        ErrorCode.ConfigurationIncomplete => new(33104, 400, error.Message),
        ErrorCode.TransitionInvalid => new(33105, 400, error.Message),
        ErrorCode.OperationOpen or ErrorCode.Conflict => new(33010, 409, error.Message),
        ErrorCode.ResetNotAllowed => new(33119, 400, error.Message),
        ErrorCode.ResetInProgress => new(33120, 409, error.Message),
        ErrorCode.RatePlanNotAllowed => new(33122, 400, error.Message),
        ErrorCode.NotAuthorized => new(33201, 403, error.Message),
        ErrorCode.TooManyQueued => new(33118, 429, error.Message),
        ErrorCode.ReadOnlyKey => ReadOnlyKey,
        ErrorCode.StateForbids => new(20409, 409, error.Message),
    };

    /// <param name="moreInfo">What the member with the address of the code's page is called.</param>
    public Task WriteAsync(HttpResponse response, string moreInfoUrl, string moreInfo = "more_info")
    {
        if (Status == 401)
            response.Headers.WWWAuthenticate = "Basic realm=\"Simkeeper API\"";
        if (RetryAfter is { } seconds)
            response.Headers.RetryAfter = seconds.ToString();
        return JsonAnswer.WriteAsync(response, Status, (Error: this, moreInfoUrl, moreInfo), static (json, answer) =>
        {
            json.WriteStartObject();
            json.WriteNumber("code", answer.Error.Code);
            json.WriteString("message", answer.Error.Message);
            json.WriteString(answer.moreInfo, answer.moreInfoUrl + answer.Error.Code);
            json.WriteNumber("status", answer.Error.Status);
            if (answer.Error.Reason is { } reason)
                json.WriteString("error", reason);
            json.WriteEndObject();
        });
    }
}

/// <summary>Ends a request with an error in the KORE shape.</summary>
internal sealed class KoreException(KoreError error) : Exception(error.Message)
{
    public KoreError Error => error;
}
