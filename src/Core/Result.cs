namespace Simkeeper.Core;

/// <summary>A value, or the one error that stands in its place. Failure that a caller can cause is data, not an exception.</summary>
public readonly struct Result<T>
{
    private readonly T _value;

    private Result(T value, Error? error)
    {
        _value = value;
        Error = error;
    }

    /// <summary>The error, or null when there is a value.</summary>
    public Error? Error { get; }

    /// <summary>The value. Reading it from a failed result is a bug and throws.</summary>
    public T Value => Error is null ? _value : throw new InvalidOperationException($"No value: {Error.Message}");

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Error error) => new(default!, error);
}
