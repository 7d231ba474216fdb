using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Carriers;

/// <summary>Reads the settings of one carrier: <c>Carriers:{id}:…</c>.</summary>
/// <param name="id">The carrier's id; <see cref="Pattern"/> describes the settings of all.</param>
internal sealed class CarrierEntry(Settings read, string id)
{
    /// <summary>Stands for any id in the documentation.</summary>
    public const string Pattern = "{id}";

    public string Id => id;

    /// <summary>Reads one of these words.</summary>
    public string OneOf(string name, string byDefault, string shownDefault, string means, params string[] words)
    {
        Describe(name, shownDefault, means);
        return read.OneOf(Full(name), byDefault, null, words);
    }

    /// <summary>Reads a whole number in a range.</summary>
    public int Number(string name, int byDefault, int min, int max, string means)
    {
        Describe(name, $"{byDefault}", means);
        return (int)read.Number(Full(name), byDefault, min, max, null);
    }

    /// <summary>Reads a duration in a range.</summary>
    public TimeSpan Duration(string name, string byDefault, string min, string max, string means)
    {
        Describe(name, byDefault, means);
        return read.Duration(Full(name), byDefault, min, max, null);
    }

    private void Describe(string name, string byDefault, string means)
    {
        if (id == Pattern)
            read.Describe(Full(name), byDefault, means);
    }

    private string Full(string name) => $"Carriers:{id}:{name}";
}
