using Simkeeper.Core.Sims;

namespace Simkeeper.Bench;

/// <summary>Data folders with SIMs in them.</summary>
internal static class Stores
{
    /// <summary>
    /// Makes the folder of a sandbox and fills it with SIMs, past the server: a million takes a minute instead of several.
    /// </summary>
    /// <param name="simOf">The SIM of a number.</param>
    /// <returns>The folder, and the SIMs oldest first.</returns>
    public static async Task<(string Folder, List<Sim> Sims)> FillAsync(Setup setup, string name, int count, Func<int, Sim> simOf)
    {
        var folder = Directory.CreateDirectory(Path.Combine(setup.Scratch, name)).FullName;
        await (await ServerProcess.StartAsync(setup.Program, folder)).DisposeAsync();
        var sims = new List<Sim>(count);
        await using var store = await BareStore.OpenAsync(folder);
        store.Insert(Enumerable.Range(0, count).Select(number =>
        {
            var sim = simOf(number);
            // The large value is no longer needed once it is written.
            sims.Add(sim with { SealedMatchingId = null });
            return BareStore.RowOf(sim);
        }));
        return (folder, sims);
    }

    /// <summary>A second store of the same content; nobody may have the first one open.</summary>
    public static string Copy(Setup setup, string folder, string name)
    {
        var copy = Directory.CreateDirectory(Path.Combine(setup.Scratch, name)).FullName;
        foreach (var file in Directory.EnumerateFiles(folder))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }
}
