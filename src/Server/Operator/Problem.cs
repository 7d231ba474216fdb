using Simkeeper.Core;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>An error of the operator API: problem details (RFC 9457) with a code for programs and the field it is about.</summary>
internal sealed record Problem(int Status, string Code, string Title, string Detail, string? Field = null)
{
    public static readonly Problem Unauthenticated = new(401, "unauthenticated", "Unauthenticated", "Send Authorization: Bearer with an operator key.");
    public static readonly Problem ReadOnlyKey = new(403, "readOnlyKey", "Read-only key", "This key may only read. Use a key with the role write.");
    public static readonly Problem MethodNotAllowed = new(405, "methodNotAllowed", "Method not allowed", "The path exists, the method does not.");
    public static readonly Problem SimNotFound = new(404, "simNotFound", "SIM not found", "No SIM has this id.");
    public static readonly Problem Internal = new(500, "internal", "Internal error", "Something unexpected happened; whether the request took effect is unknown.");
    public static readonly Problem StoreAway = new(503, "storeAway", "The store is away",
        "The store cannot be reached; whether the request took effect is unknown. Send it again in a while.")
    {
        RetryAfter = StoreAwayException.RetryAfterSeconds,
    };

    /// <summary>Seconds to wait before the next try.</summary>
    public int? RetryAfter { get; init; }

    public static Problem TooManyFailures(int seconds) =>
        new(429, "tooManyRequests", "Too many requests", "Too many requests with a wrong key.") { RetryAfter = seconds };

    public static Problem NotFound(string what) => new(404, "notFound", "Not found", $"{what} does not exist.");

    public static Problem Invalid(string field, string detail) => new(400, "invalidValue", "Invalid value", detail, field);

    public static Problem Missing(string field) => new(400, "missingValue", "Missing value", $"{field} is required.", field);

    /// <summary>The one place where our errors become the operator API's.</summary>
    public static Problem From(Error error) => error.Code switch
    {
        ErrorCode.SimNotFound => SimNotFound,
        ErrorCode.NotFound or ErrorCode.RatePlanNotFound => new(404, "notFound", "Not found", error.Message, error.Field),
        ErrorCode.MissingValue => new(400, "missingValue", "Missing value", error.Message, error.Field),
        ErrorCode.InvalidValue or ErrorCode.InvalidCombination => new(400, "invalidValue", "Invalid value", error.Message, error.Field),
        ErrorCode.AlreadyTaken => new(409, "alreadyTaken", "Already taken", error.Message, error.Field),
        ErrorCode.Conflict or ErrorCode.OperationOpen or ErrorCode.ResetInProgress => new(409, "conflict", "Conflict", error.Message, error.Field),
        ErrorCode.ConfigurationIncomplete or ErrorCode.TransitionInvalid or ErrorCode.ResetNotAllowed or ErrorCode.RatePlanNotAllowed
            or ErrorCode.StateForbids or ErrorCode.NotAuthorized or ErrorCode.AccountSuspended => new(409, "stateForbids", "The state forbids it", error.Message, error.Field),
        ErrorCode.TooManyQueued => new(429, "tooManyRequests", "Too many requests", error.Message, error.Field),
        ErrorCode.ReadOnlyKey => ReadOnlyKey,
    };

    public Task WriteAsync(HttpResponse response)
    {
        if (Status == 401)
            response.Headers.WWWAuthenticate = "Bearer";
        if (RetryAfter is { } seconds)
            response.Headers.RetryAfter = seconds.ToString();
        return JsonAnswer.WriteAsync(response, Status, this, static (json, problem) =>
        {
            json.WriteStartObject();
            json.WriteString("type", "about:blank");
            json.WriteString("title", problem.Title);
            json.WriteNumber("status", problem.Status);
            json.WriteString("detail", problem.Detail);
            json.WriteString("code", problem.Code);
            if (problem.Field is not null)
                json.WriteString("field", problem.Field);
            json.WriteEndObject();
        }, "application/problem+json");
    }
}

/// <summary>Ends a request with a problem.</summary>
internal sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem => problem;
}
