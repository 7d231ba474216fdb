namespace Simkeeper.Server.Tests.Support;

/// <summary>Secrets that tests plant. None may ever be seen in a log, an event or an error, in any test.</summary>
internal static class Canaries
{
    /// <summary>Every planted secret contains this.</summary>
    public const string Mark = "CANARY";

    private static readonly string[] Secrets =
        [Mark, "sandbox-token", "gpk_sandbox", "skop_sandbox", "sandbox-secret", "SANDBOX-00", "LPA:1$"];

    public static void Check(LogCollector log)
    {
        foreach (var line in log.Lines)
            Check("log", line);
    }

    public static void Check(string where, string text)
    {
        foreach (var secret in Secrets)
            Assert.False(text.Contains(secret, StringComparison.Ordinal), $"The secret {secret} is in the {where}: {text}");
    }
}
