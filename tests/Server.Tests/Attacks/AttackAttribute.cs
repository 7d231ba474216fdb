using Xunit.v3;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>Marks a test as an attack on a running server. <c>./test --attacks</c> runs all of them, in their long form.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class AttackAttribute : Attribute, ITraitAttribute
{
    /// <summary>True in the long form: attacks then have the size with which they were first seen to succeed.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("SIMKEEPER_ATTACKS") == "long";

    /// <summary>The size of an attack: small enough for every run of the tests, or as large as in the world outside.</summary>
    public static int Size(int inShort, int inLong) => IsLong ? inLong : inShort;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Suite", "attacks")];
}
