using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Simkeeper.Server.Sims.Import;

namespace Simkeeper.Server.Operator;

/// <summary>One line of the answer to an import.</summary>
[JsonPolymorphic]
[JsonDerivedType(typeof(ImportRefusal))]
[JsonDerivedType(typeof(ImportProgress))]
[JsonDerivedType(typeof(ImportSummary))]
internal abstract record ImportLine;

/// <summary>A row that was refused.</summary>
internal sealed record ImportRefusal : ImportLine
{
    /// <summary>Line of the file, counted from 1 with the header.</summary>
    [Range(1, int.MaxValue)]
    public required long Line { get; init; }

    /// <summary>As far as it could be read.</summary>
    public required string? Iccid { get; init; }

    /// <summary>The column that was wrong.</summary>
    public required string? Field { get; init; }

    /// <summary>The error and the way to mend it.</summary>
    public required string Reason { get; init; }
}

/// <summary>The progress of an import.</summary>
internal sealed record ImportProgress : ImportLine
{
    /// <summary>Rows dealt with so far.</summary>
    [Range(0, int.MaxValue)]
    public required long Progress { get; init; }
}

/// <summary>The result of an import. Without it the import did not finish.</summary>
internal sealed record ImportSummary : ImportLine
{
    /// <summary>SIMs that are new.</summary>
    [Range(0, int.MaxValue)]
    public required long Imported { get; init; }

    /// <summary>SIMs that were there already, unchanged.</summary>
    [Range(0, int.MaxValue)]
    public required long Present { get; init; }

    /// <summary>Rows that were refused, each with its line.</summary>
    [Range(0, int.MaxValue)]
    public required long Refused { get; init; }

    /// <summary>ICCIDs taken with a wrong check digit; absent if there are none.</summary>
    [Range(1, int.MaxValue)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required long? Warnings { get; init; }

    public static ImportSummary Of(ImportCounts counts) => new()
    {
        Imported = counts.Imported,
        Present = counts.Present,
        Refused = counts.Refused,
        Warnings = counts.Warnings > 0 ? counts.Warnings : null,
    };
}
