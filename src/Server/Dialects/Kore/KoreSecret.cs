namespace Simkeeper.Server.Dialects.Kore;

/// <summary>A secret that makes <c>kore-signature</c>, as stored. Only the active secret of an account signs.</summary>
internal sealed record KoreSecret(Guid OrgId, Guid Id, Guid AccountId, string Name, bool Active, byte[] Sealed, DateTimeOffset UpdatedAt)
{
    public const int NameMax = 64;

    public string Status => StatusOf(Active);

    public static string StatusOf(bool active) => active ? "active" : "pending";
}
