using Simkeeper.Core;

namespace Simkeeper.Server.Deliveries;

/// <summary>The rule for URLs that an operator has messages sent to.</summary>
internal static class ReceiverUrl
{
    public const int LengthMax = 2048;

    /// <summary>Finds what is wrong with a URL; null: nothing.</summary>
    /// <param name="name">The name that the error gives the value.</param>
    public static Error? Check(string name, string url, bool sandbox)
    {
        if (url.Length > LengthMax || !Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https"))
            return new Error(ErrorCode.InvalidValue, $"{name} is an absolute https URL of at most {LengthMax} characters.", name);
        if (parsed.Scheme != "https" && !sandbox)
            return new Error(ErrorCode.InvalidValue, $"{name} must be https; plain http is for the sandbox.", name);
        return parsed.UserInfo.Length + parsed.Fragment.Length == 0
            ? null
            : new Error(ErrorCode.InvalidValue, $"{name} has neither credentials nor a #fragment; the signature says who sent it.", name);
    }
}
