using System.Text.Json;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Sims;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>The resources of the Gigs dialect, written in one place for its answers and its events.</summary>
internal static class GigsResources
{
    public static void WriteSim(Utf8JsonWriter json, Sim sim)
    {
        json.WriteStartObject();
        json.WriteString("object", "sim");
        json.WriteString("id", sim.PublicId);
        WriteMetadata(json, sim);
        json.WriteString("createdAt", Time(sim.CreatedAt));
        json.WriteString("iccid", sim.Iccid);
        json.WriteString("provider", sim.Provider);
        json.WriteString("status", sim.Status.Gigs().ToWire());
        json.WriteString("type", sim.Type.ToWire());
        json.WriteEndObject();
    }

    public static void WriteMetadata(Utf8JsonWriter json, Sim sim)
    {
        json.WriteStartObject("metadata");
        foreach (var (key, value) in sim.Metadata.Entries)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    public static void WriteProfile(Utf8JsonWriter json, Sim sim, SimSettings settings)
    {
        json.WriteStartObject();
        json.WriteString("object", "eSimProfile");
        json.WritePropertyName("sim");
        WriteSim(json, sim);
        WriteProfileState(json, sim, settings);
        json.WriteEndObject();
    }

    public static void WriteProfileState(Utf8JsonWriter json, Sim sim, SimSettings settings)
    {
        var (status, updatedAt) = EsimProfile.Of(sim, settings);
        json.WriteString("status", status);
        json.WriteString("updatedAt", Time(updatedAt));
    }

    /// <summary>RFC 3339 UTC in whole seconds.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
}
