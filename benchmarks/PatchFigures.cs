using System.Diagnostics;
using Simkeeper.Core.Operations;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Sims;

namespace Simkeeper.Bench;

/// <summary>Durable writes over HTTP, against the same two statements in the shortest loop that commits in groups.</summary>
internal static class PatchFigures
{
    private const int Sims = 100_000;
    private const int Callers = 64;

    public static async Task<List<Figure>> RunAsync(Setup setup)
    {
        var (folder, sims) = await Stores.FillAsync(setup, "patch", Sims, Inventory.InUse);
        var copy = Stores.Copy(setup, folder, "patch-bare");
        var paths = setup.Lines("patch", sims.Select(sim => $"/projects/sandbox/sims/{sim.PublicId}"));
        await using var server = await ServerProcess.StartAsync(setup.Program, folder);
        await using var store = await BareStore.OpenAsync(copy);
        var rows = sims.Select(sim => new UpdatedSim(sim)).ToList();
        var rounds = await Rounds.RunAsync(
            async () => (await Wrk.RunAsync(
                server.Url, "patch.lua", Callers, setup.Seconds, paths, ServerProcess.GigsAuthorization)).PerSecond,
            () => BarePerSecondAsync(store, rows, TimeSpan.FromSeconds(setup.Seconds)));
        return
        [
            Figure.AtLeast($"PATCH metadata, durable, {Callers} connections, ÷ bare group commit", 0.60,
                rounds.Ratio(0, 1), $"{rounds.Of(0):N0}/s", $"{rounds.Of(1):N0}/s"),
        ];
    }

    private static Task<double> BarePerSecondAsync(BareStore store, List<UpdatedSim> sims, TimeSpan span)
    {
        var watch = Stopwatch.StartNew();
        return GroupCommit.PerSecondAsync(store, Callers,
            () => watch.Elapsed < span, () => sims[Random.Shared.Next(sims.Count)].Write(store));
    }

    /// <summary>A SIM's row as it stands in the bare store, so that each update names the right version.</summary>
    private sealed class UpdatedSim(Sim sim)
    {
        private static readonly int MetadataAt = IndexOf("@metadata");
        private static readonly int VersionAt = IndexOf("@version");
        private static int _readings;

        private readonly object[] _values = BareStore.Bound(SimTable.Unlisted.UpdateValues(sim));

        public void Write(BareStore store)
        {
            var previous = _values[MetadataAt];
            var updated = $$"""{"customer":"c-1","site":"berlin-1","reading":"1700000000-{{_readings++}}"}""";
            _values[MetadataAt] = updated;
            store.Patch(_values, BareStore.Bound(Inventory.ChangedEvent(sim, "metadata", new Actor("account", sim.Sid, "127.0.0.1"),
                $$$"""{"previous":{"metadata":{{{previous}}}},"updated":{"metadata":{{{updated}}}}}""")));
            _values[VersionAt] = (long)_values[VersionAt] + 1;
        }

        private static int IndexOf(string parameter) => SimSql.UpdateUnlisted.Parameters.ToList().IndexOf(parameter);
    }
}
