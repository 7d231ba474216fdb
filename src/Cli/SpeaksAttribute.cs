namespace Simkeeper.Cli;

/// <summary>The operation of the API that a command calls; <c>{verb}</c> in the path is the command's own name.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SpeaksAttribute(string method, string path) : Attribute
{
    public string Method => method;

    public string Path => path;
}
