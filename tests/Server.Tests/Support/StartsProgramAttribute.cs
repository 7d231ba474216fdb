using Xunit.v3;

namespace Simkeeper.Server.Tests.Support;

/// <summary>Marks tests that start the program as a process. They run on the native build too: <c>./test --native</c>.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class StartsProgramAttribute : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Starts", "program")];
}
