using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Sims.Import;

/// <summary>The way in which a file is to be read.</summary>
internal sealed record CardReading
{
    /// <summary>The characters that may separate the fields of a line, likely ones first.</summary>
    public const string Delimiters = ",;\t|";

    /// <summary>The meaning of names that only the user knows.</summary>
    public ImportMap Map { get; init; } = ImportMap.Empty;

    /// <summary>The character between fields; null: the line that names the columns tells.</summary>
    public char? Delimiter { get; init; }

    /// <summary>The most bytes of text in a file, once it is unpacked.</summary>
    public long BytesMax { get; init; } = 4L << 30;
}
