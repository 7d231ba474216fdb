using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Simkeeper.Core;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>Problem details (RFC 9457) with two members of ours, `code` and `field`.</summary>
internal sealed record Problem : IResult
{
    public static readonly Problem Unauthenticated =
        new(ProblemCode.Unauthenticated, "Send Authorization: Bearer with an operator key.");
    public static readonly Problem UnknownKey =
        new(ProblemCode.Unauthenticated, "The server does not know this operator key, or it has expired or been deleted.");
    public static readonly Problem ReadOnlyKey = new(ProblemCode.ReadOnlyKey, "This key may only read. Use a key with the role write.");
    public static readonly Problem MethodNotAllowed = new(ProblemCode.MethodNotAllowed, "The path exists, the method does not.");
    public static readonly Problem SimNotFound = new(ProblemCode.SimNotFound, "No SIM has this sid, id, number or unique name.");
    public static readonly Problem Internal =
        new(ProblemCode.Internal, "Something unexpected happened; whether the request took effect is unknown.");
    public static readonly Problem StoreAway = new(ProblemCode.StoreAway,
        "The store cannot be reached; whether the request took effect is unknown. Send it again in a while.")
    {
        RetryAfter = StoreAwayException.RetryAfterSeconds,
    };

    public static readonly Problem OutOfTime = new(ProblemCode.OutOfTime,
        "The time of the request is used up; whether it took effect is unknown. Ask for less at once, or send it again in a while.")
    {
        RetryAfter = OutOfTimeException.RetryAfterSeconds,
    };

    public Problem(ProblemCode code, string detail, string? field = null) => (Code, Detail, Field) = (code, detail, field);

    /// <summary>Always `about:blank`: `code` says which problem it is.</summary>
    public string Type { get; } = "about:blank";

    /// <summary>The problem in a few words, for people.</summary>
    public string Title => Code.Title();

    /// <summary>The HTTP status.</summary>
    [Range(400, 599)]
    public int Status => Code.Status();

    /// <summary>The error and the way to mend it, for people.</summary>
    public string Detail { get; }

    /// <summary>The error, for programs (docs/errors.md).</summary>
    public ProblemCode Code { get; }

    /// <summary>The input it is about; absent when there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Field { get; }

    /// <summary>Seconds to wait before the next try; a header of the answer.</summary>
    [JsonIgnore]
    public int? RetryAfter { get; init; }

    public static Problem NotFound(string what) => new(ProblemCode.NotFound, $"{what} does not exist.");

    public static Problem Invalid(string field, string detail) => new(ProblemCode.InvalidValue, detail, field);

    public static Problem Malformed(string detail) => new(ProblemCode.Malformed, detail);

    public static Problem StateForbids(string detail) => new(ProblemCode.StateForbids, detail);

    public static Problem TooManyFailures(int seconds) =>
        new(ProblemCode.TooManyRequests, "Too many requests with a wrong key.") { RetryAfter = seconds };

    public static Problem TooManyRequests(int seconds) =>
        new(ProblemCode.TooManyRequests, "Too many requests at once. Send it again in a while.") { RetryAfter = seconds };

    /// <summary>The one place where our errors become the operator API's.</summary>
    public static Problem From(Error error) => error.Code switch
    {
        ErrorCode.SimNotFound => SimNotFound,
        ErrorCode.NotFound or ErrorCode.RatePlanNotFound => new(ProblemCode.NotFound, error.Message, error.Field),
        ErrorCode.MissingValue => new(ProblemCode.MissingValue, error.Message, error.Field),
        ErrorCode.InvalidValue or ErrorCode.InvalidCombination => new(ProblemCode.InvalidValue, error.Message, error.Field),
        ErrorCode.AlreadyTaken => new(ProblemCode.AlreadyTaken, error.Message, error.Field),
        ErrorCode.Conflict or ErrorCode.OperationOpen or ErrorCode.ResetInProgress => new(ProblemCode.Conflict, error.Message, error.Field),
        ErrorCode.ConfigurationIncomplete or ErrorCode.TransitionInvalid or ErrorCode.ResetNotAllowed or ErrorCode.RatePlanNotAllowed
            or ErrorCode.StateForbids or ErrorCode.NotAuthorized or ErrorCode.AccountSuspended =>
            new(ProblemCode.StateForbids, error.Message, error.Field),
        ErrorCode.TooManyQueued => new(ProblemCode.TooManyRequests, error.Message, error.Field),
        ErrorCode.TooMuchKept => new(ProblemCode.TooManyRequests, error.Message, error.Field) { RetryAfter = error.RetryAfter },
        ErrorCode.ReadOnlyKey => ReadOnlyKey,
    };

    public Task ExecuteAsync(HttpContext context) => WriteAsync(context.Response);

    public Task WriteAsync(HttpResponse response)
    {
        if (Code == ProblemCode.Unauthenticated)
            response.Headers.WWWAuthenticate = "Bearer";
        if (RetryAfter is { } seconds)
            response.Headers.RetryAfter = seconds.ToString();
        return JsonAnswer.WriteAsync(response, Status, this,
            static (json, problem) => JsonSerializer.Serialize(json, problem, OperatorJson.Default.Problem), "application/problem+json");
    }
}
