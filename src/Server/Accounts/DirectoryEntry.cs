namespace Simkeeper.Server.Accounts;

/// <summary>A value that is unique in the installation, and its owner.</summary>
/// <param name="Kind">
/// <c>iccid</c>, <c>imsi</c>, <c>msisdn</c>, <c>account</c> (a sid), <c>project</c> or <c>credential</c> (a hash).
/// </param>
/// <param name="Target">The id of the SIM, account or credential.</param>
internal readonly record struct DirectoryEntry(string Kind, string Value, Guid OrgId, Guid Target);
