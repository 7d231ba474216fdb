namespace Simkeeper.Server.Operator;

/// <summary>The errors, for programs. Clients know each by its name in camel case (docs/errors.md).</summary>
internal enum ProblemCode
{
    /// <summary>The body is no JSON, or not the JSON that is expected.</summary>
    Malformed,

    /// <summary>A value that is required is absent.</summary>
    MissingValue,

    /// <summary>A name or a value is not acceptable.</summary>
    InvalidValue,

    /// <summary>The operator key is missing, unknown or expired.</summary>
    Unauthenticated,

    /// <summary>The operator key may only read.</summary>
    ReadOnlyKey,

    /// <summary>Something that the request names does not exist.</summary>
    NotFound,

    /// <summary>No SIM has this sid, id, number or unique name.</summary>
    SimNotFound,

    /// <summary>The path exists, the method does not.</summary>
    MethodNotAllowed,

    /// <summary>The state of what the request names forbids it.</summary>
    StateForbids,

    /// <summary>The value is unique, and something else has it.</summary>
    AlreadyTaken,

    /// <summary>Another change of the same thing is under way.</summary>
    Conflict,

    /// <summary>The body is over the limit.</summary>
    BodyTooLarge,

    /// <summary>The body is of a media type that is not read here.</summary>
    UnsupportedMediaType,

    /// <summary>Too much is asked for at once.</summary>
    TooManyRequests,

    /// <summary>Something unexpected happened; the request may have taken effect.</summary>
    Internal,

    /// <summary>The store cannot be reached; the request may have taken effect.</summary>
    StoreAway,

    /// <summary>The time of the request is used up; it may have taken effect.</summary>
    OutOfTime,
}

/// <summary>The HTTP status and the title of each code.</summary>
internal static class ProblemCodes
{
    public static int Status(this ProblemCode code) => code switch
    {
        ProblemCode.Malformed or ProblemCode.MissingValue or ProblemCode.InvalidValue => 400,
        ProblemCode.Unauthenticated => 401,
        ProblemCode.ReadOnlyKey => 403,
        ProblemCode.NotFound or ProblemCode.SimNotFound => 404,
        ProblemCode.MethodNotAllowed => 405,
        ProblemCode.StateForbids or ProblemCode.AlreadyTaken or ProblemCode.Conflict => 409,
        ProblemCode.BodyTooLarge => 413,
        ProblemCode.UnsupportedMediaType => 415,
        ProblemCode.TooManyRequests => 429,
        ProblemCode.Internal => 500,
        ProblemCode.StoreAway or ProblemCode.OutOfTime => 503,
    };

    public static string Title(this ProblemCode code) => code switch
    {
        ProblemCode.Malformed => "Malformed",
        ProblemCode.MissingValue => "Missing value",
        ProblemCode.InvalidValue => "Invalid value",
        ProblemCode.Unauthenticated => "Unauthenticated",
        ProblemCode.ReadOnlyKey => "Read-only key",
        ProblemCode.NotFound => "Not found",
        ProblemCode.SimNotFound => "SIM not found",
        ProblemCode.MethodNotAllowed => "Method not allowed",
        ProblemCode.StateForbids => "The state forbids it",
        ProblemCode.AlreadyTaken => "Already taken",
        ProblemCode.Conflict => "Conflict",
        ProblemCode.BodyTooLarge => "Body too large",
        ProblemCode.UnsupportedMediaType => "Unsupported media type",
        ProblemCode.TooManyRequests => "Too many requests",
        ProblemCode.Internal => "Internal error",
        ProblemCode.StoreAway => "The store is away",
        ProblemCode.OutOfTime => "Out of time",
    };
}
