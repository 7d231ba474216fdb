using System.Text.Json;
using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>
/// The placeholder SIMs of a test project (Gigs, "Test SIMs"): a search finds them by their ICCIDs, and no list has them. They stand for no
/// stored SIM.
/// </summary>
internal sealed record PlaceholderSim(string Id, string Iccid, SimType Type)
{
    private const string CreatedAt = "2021-01-01T00:00:00Z";

    private static readonly PlaceholderSim[] All =
    [
        new("sim_test_psim", "8942400090000000028", SimType.PSim),
        new("sim_test_esim", "8942400090000000010", SimType.ESim),
        new("sim_test_psim_delayed_up_to_one_min", "8942400090000000044", SimType.PSim),
        new("sim_test_esim_delayed_up_to_one_min", "8942400090000000036", SimType.ESim),
        new("sim_test_psim_delayed_four_hours", "8942400090000000069", SimType.PSim),
        new("sim_test_esim_delayed_four_hours", "8942400090000000051", SimType.ESim),
        new("sim_test_psim_delayed_twenty_four_hours", "8942400090000000085", SimType.PSim),
        new("sim_test_esim_delayed_twenty_four_hours", "8942400090000000077", SimType.ESim),
    ];

    /// <summary>The placeholder with this ICCID; null: there is none.</summary>
    public static PlaceholderSim? Find(string iccid) => Array.Find(All, sim => sim.Iccid == iccid);

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("object", "sim");
        json.WriteString("id", Id);
        json.WriteStartObject("metadata");
        json.WriteEndObject();
        json.WriteString("createdAt", CreatedAt);
        json.WriteString("iccid", Iccid);
        json.WriteString("provider", "test");
        json.WriteString("status", GigsStatus.Inactive.ToWire());
        json.WriteString("type", Type.ToWire());
        json.WriteEndObject();
    }
}
