namespace Simkeeper.Core;

/// <summary>
/// Every expected failure, named by what happened and not by a dialect's word for it. Each dialect maps all of them in one exhaustive
/// switch: a new member fails the build until all dialects map it.
/// </summary>
public enum ErrorCode
{
    /// <summary>The SIM does not exist, or belongs to somebody else.</summary>
    SimNotFound,

    /// <summary>A resource other than a SIM or a rate plan does not exist, or belongs to somebody else.</summary>
    NotFound,

    /// <summary>The rate plan does not exist in the account that is to own the SIM (error page 33108).</summary>
    RatePlanNotFound,

    /// <summary>A value is not acceptable here (error page 33101).</summary>
    InvalidValue,

    /// <summary>A value that this request needs is absent (error page 33102).</summary>
    MissingValue,

    /// <summary>Two values of one request contradict each other (error page 33121).</summary>
    InvalidCombination,

    /// <summary>The SIM has no rate plan and cannot be put into service (error page 33104).</summary>
    ConfigurationIncomplete,

    /// <summary>The status model has no such transition (error page 33105).</summary>
    TransitionInvalid,

    /// <summary>An operation on this SIM is still open (error page 33010).</summary>
    OperationOpen,

    /// <summary>A connectivity reset is not possible in this status (error page 33119).</summary>
    ResetNotAllowed,

    /// <summary>A connectivity reset is already under way (error page 33120).</summary>
    ResetInProgress,

    /// <summary>The rate plan may not be used for this (error page 33122: deprecated data metering).</summary>
    RatePlanNotAllowed,

    /// <summary>The caller may not do this to this SIM (error page 33201: a move that is not allowed).</summary>
    NotAuthorized,

    /// <summary>The caller's account is suspended.</summary>
    AccountSuspended,

    /// <summary>The key is read-only.</summary>
    ReadOnlyKey,

    /// <summary>The state of the resource forbids it (error page 20409: deleting a SIM that is on the network).</summary>
    StateForbids,

    /// <summary>Too many Commands wait for the SIM (error page 33118).</summary>
    TooManyQueued,

    /// <summary>The account has added so much, or has so much waiting, that it must wait before it adds more.</summary>
    TooMuchKept,

    /// <summary>The value is unique and another resource has it.</summary>
    AlreadyTaken,

    /// <summary>Another request is changing the same thing right now; sending it again may work.</summary>
    Conflict,
}

/// <summary>An expected failure: its code, a sentence that says what was wrong and how to mend it, and the field that was wrong.</summary>
/// <param name="Code">The kind of failure.</param>
/// <param name="Message">One sentence for a person. Never contains a secret.</param>
/// <param name="Field">The input that was wrong, in our own spelling, or null.</param>
public sealed record Error(ErrorCode Code, string Message, string? Field = null)
{
    /// <summary>Seconds after which the same request may be accepted; null: nobody knows.</summary>
    public int? RetryAfter { get; init; }
}
