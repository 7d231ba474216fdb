namespace Simkeeper.Core.Operations;

/// <summary>A carrier's answer to a call. Closed: the lifecycle handles each kind.</summary>
public abstract record CarrierAnswer
{
    private CarrierAnswer()
    {
    }

    /// <summary>The change is in effect.</summary>
    public sealed record Done : CarrierAnswer;

    /// <summary>The change will never be made; the SIM stays as it was.</summary>
    /// <param name="Code">The carrier's error code, or null (the callback then says 33000).</param>
    /// <param name="Text">The reason, for a person.</param>
    public sealed record Refused(int? Code, string Text) : CarrierAnswer;

    /// <summary>The carrier takes no changes at the moment.</summary>
    public sealed record Unavailable(string Text) : CarrierAnswer;

    /// <summary>The answer was lost: the change may or may not be in effect.</summary>
    public sealed record Unknown(string Text) : CarrierAnswer;

    /// <summary>The carrier is working on it. Ask again at that time; null: only a person can end it.</summary>
    public sealed record Pending(DateTimeOffset? Until) : CarrierAnswer;
}
