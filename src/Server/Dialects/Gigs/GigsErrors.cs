using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>One property or parameter that was wrong.</summary>
internal sealed record GigsErrorDetail(string Code, string Message, string Property);

/// <summary>An error as Gigs writes it (developers.gigs.com/api/error-handling). Optional members are absent when unused.</summary>
internal sealed record GigsError(int Status, string Type, string Message)
{
    public string? Code { get; init; }
    public string? Hint { get; init; }
    public IReadOnlyList<GigsErrorDetail> Details { get; init; } = [];

    /// <summary>Seconds to wait before the next try.</summary>
    public int? RetryAfter { get; init; }

    public static readonly GigsError Unauthenticated = new(401, "unauthenticated", "Invalid authorization token");

    public static readonly GigsError ReadOnlyKey =
        new(403, "permissionDenied", "This key may only read.") { Hint = "Use a key with the role write." };

    public static readonly GigsError AccountSuspended =
        new(403, "permissionDenied", "The account of this project is suspended.") { Hint = "Its master account can make it active again." };

    public static readonly GigsError InFlight =
        new(409, "conflict", "Another request with this Idempotency-Key is under way.") { Hint = "Send the request again." };

    public static readonly GigsError Internal =
        new(500, "internal", "Something unexpected happened; whether the request took effect is unknown.");

    public static readonly GigsError StoreAway =
        new(503, "serviceUnavailable", "The store cannot be reached; whether the request took effect is unknown.")
        {
            Hint = "Send the request again in a while.",
            RetryAfter = StoreAwayException.RetryAfterSeconds,
        };

    public static readonly GigsError OutOfTime =
        new(503, "serviceUnavailable", "The time of the request is used up; whether it took effect is unknown.")
        {
            Hint = "Ask for less at once, or send the request again in a while.",
            RetryAfter = OutOfTimeException.RetryAfterSeconds,
        };

    public static GigsError TooManyFailures(int seconds) =>
        new(429, "tooManyRequests", "Too many requests with an invalid authorization token.") { RetryAfter = seconds };

    public static GigsError TooManyRequests(int seconds) =>
        new(429, "tooManyRequests", "Too many requests at once.") { Hint = "Send the request again in a while.", RetryAfter = seconds };

    public static GigsError NotFound(string what) => new(404, "notFound", $"{what} was not found.");

    public static GigsError Malformed(string message) => new(400, "malformed", message);

    /// <summary>A parameter or property that is unknown, absent or has a value that is not acceptable.</summary>
    public static GigsError Invalid(string property, string message, string code = "propertyInvalid") =>
        new(422, "invalid", message) { Details = [new(code, message, property)] };

    /// <summary>Maps our errors to Gigs errors; no other code does.</summary>
    public static GigsError From(Error error) => error.Code switch
    {
        ErrorCode.SimNotFound => NotFound("The SIM"),
        ErrorCode.NotFound or ErrorCode.RatePlanNotFound => new(404, "notFound", error.Message),
        ErrorCode.InvalidValue or ErrorCode.MissingValue or ErrorCode.InvalidCombination => error.Field is { } field
            ? Invalid(field, error.Message)
            : new(422, "invalid", error.Message),
        ErrorCode.ConfigurationIncomplete or ErrorCode.TransitionInvalid or ErrorCode.ResetNotAllowed or ErrorCode.RatePlanNotAllowed
            or ErrorCode.StateForbids or ErrorCode.AlreadyTaken => new(422, "invalid", error.Message),
        ErrorCode.OperationOpen or ErrorCode.ResetInProgress or ErrorCode.TooManyQueued or ErrorCode.Conflict =>
            new(409, "conflict", error.Message),
        ErrorCode.TooMuchKept => new(429, "tooManyRequests", error.Message) { RetryAfter = error.RetryAfter },
        ErrorCode.NotAuthorized => new(403, "permissionDenied", error.Message),
        ErrorCode.AccountSuspended => AccountSuspended,
        ErrorCode.ReadOnlyKey => ReadOnlyKey,
    };

    public Task WriteAsync(HttpResponse response)
    {
        if (Status == 401)
            response.Headers.WWWAuthenticate = "Bearer";
        if (RetryAfter is { } seconds)
            response.Headers.RetryAfter = seconds.ToString();
        return JsonAnswer.WriteAsync(response, Status, this, Write);
    }

    private static void Write(Utf8JsonWriter json, GigsError error)
    {
        json.WriteStartObject();
        json.WriteString("object", "error");
        if (error.Code is not null)
            json.WriteString("code", error.Code);
        if (error.Details.Count > 0)
        {
            json.WriteStartArray("details");
            foreach (var detail in error.Details)
            {
                json.WriteStartObject();
                json.WriteString("object", "propertyErrorDetail");
                json.WriteString("code", detail.Code);
                json.WriteString("message", detail.Message);
                json.WriteString("property", detail.Property);
                json.WriteNull("suggestion");
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        if (error.Hint is not null)
            json.WriteString("hint", error.Hint);
        json.WriteString("message", error.Message);
        json.WriteString("type", error.Type);
        json.WriteEndObject();
    }
}

/// <summary>Ends a request with an error in the Gigs shape.</summary>
internal sealed class GigsException(GigsError error) : Exception(error.Message)
{
    public GigsError Error => error;
}
