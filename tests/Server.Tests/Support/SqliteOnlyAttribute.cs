using Xunit.v3;

namespace Simkeeper.Server.Tests.Support;

/// <summary>About the embedded store, or about nothing that is stored: not run again on PostgreSQL.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class SqliteOnlyAttribute : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Store", "SQLite")];
}
