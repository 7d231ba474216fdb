using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Twilio;

/// <summary>An error in the shape of Twilio, which KORE uses too: <c>{code, message, more_info, status}</c>.</summary>
internal sealed record TwilioError(int Code, int Status, string Message)
{
    /// <summary>A second sentence that KORE's gateway gives as <c>error</c>; null elsewhere.</summary>
    public string? Reason { get; init; }

    /// <summary>Seconds to wait before the next try; null: no wait is given.</summary>
    public int? RetryAfter { get; init; }

    public static readonly TwilioError Unauthenticated = new(20003, 401, "Authenticate");
    public static readonly TwilioError MasterOnly = new(20003, 401, "Permission denied: this needs the master account's own credentials.");
    public static readonly TwilioError TokenOnly =
        new(20003, 401, "Permission denied: this needs the account's auth token; a key or a client cannot manage keys.");
    public static readonly TwilioError AccountSuspended =
        new(20403, 403, "The account is suspended. Its master account can make it active again.");
    public static readonly TwilioError ReadOnlyKey = new(20006, 403, "This key may only read. Use a key with the role write.");
    public static readonly TwilioError MethodNotAllowed = new(20004, 405, "The method is not allowed for this resource.");
    public static readonly TwilioError Internal =
        new(20500, 500, "An internal error occurred; whether the request took effect is unknown.");

    public static readonly TwilioError StoreAway =
        new(20503, 503, "The store cannot be reached; whether the request took effect is unknown. Send it again in a while.")
        {
            RetryAfter = StoreAwayException.RetryAfterSeconds,
        };

    public static readonly TwilioError OutOfTime =
        new(20503, 503, "The time of the request is used up; whether it took effect is unknown. Ask for less at once, or send it again.")
        {
            RetryAfter = OutOfTimeException.RetryAfterSeconds,
        };

    public static TwilioError TooManyFailures(int seconds) =>
        new(20429, 429, "Too many requests with wrong credentials.") { RetryAfter = seconds };

    public static TwilioError TooManyRequests(int seconds) => new(20429, 429, "Too many requests.") { RetryAfter = seconds };

    public static TwilioError NotFound(HttpRequest request) => new(20404, 404, $"The requested resource {request.Path} was not found");

    /// <summary>The error of an unacceptable value outside of any product's resources.</summary>
    public static TwilioError InvalidParameter(string message) => new(20001, 400, message);

    /// <param name="moreInfo">The name of the member that holds the address of the code's page.</param>
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

/// <summary>Ends a request with an error. Never thrown inside a transaction.</summary>
internal sealed class TwilioException(TwilioError error) : Exception(error.Message)
{
    public TwilioError Error => error;
}
