using Simkeeper.Server.Carriers.Manual;
using Simkeeper.Server.Carriers.Test;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Carriers;

/// <summary>A kind of carrier: its word in the settings, and the way to make an adapter from an entry there.</summary>
/// <param name="Name">The value of <c>Carriers:{id}:Kind</c>.</param>
/// <param name="Means">The rest of the sentence "A carrier of this kind …", for the documentation.</param>
/// <param name="Read">Reads the settings that only this kind has. It runs before the store is open.</param>
internal sealed record CarrierKind(string Name, string Means, Func<CarrierEntry, Func<CarrierParts, ICarrier>> Read)
{
    /// <summary>Every kind. A new kind is a folder, and one line here.</summary>
    public static readonly IReadOnlyList<CarrierKind> All =
    [
        TestCarrier.Kind,
        ManualCarrier.Kind,
    ];
}

/// <summary>The parts of the server that adapters are made with.</summary>
internal sealed record CarrierParts(Database Database, TimeProvider Wall);
