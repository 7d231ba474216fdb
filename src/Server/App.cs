namespace Simkeeper.Server;

internal static class App
{
    public static Task<int> RunAsync(IReadOnlyDictionary<string, string?> options, CancellationToken cancellation) =>
        Task.FromResult(0);
}
