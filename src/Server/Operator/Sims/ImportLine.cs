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

    /// <summary>The way in which the file is read. It comes with a first progress of 0, and only if something is to be said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImportedHeader? Header { get; init; }
}

/// <summary>The way in which the columns of a file are read. Names that could be content of cards are shown as `column 3`.</summary>
internal sealed record ImportedHeader
{
    /// <summary>The line that names the columns.</summary>
    [Range(1, int.MaxValue)]
    public required int Line { get; init; }

    /// <summary>The character between the fields, or `tab`; absent where it is blanks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required string? Delimiter { get; init; }

    /// <summary>The first 50 columns that are read.</summary>
    public required IReadOnlyList<ImportedColumn> Columns { get; init; }

    /// <summary>The first 50 columns that are not known, and so not read.</summary>
    public required IReadOnlyList<string> Ignored { get; init; }

    /// <summary>The first 50 columns with keys of the card, which are never read.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    public static ImportedHeader Of(CardFile file) => new()
    {
        Line = file.HeaderLine,
        Delimiter = file.Delimiter switch { null => null, '\t' => "tab", { } character => character.ToString() },
        Columns = [.. file.Columns.Read.Select(column => new ImportedColumn { Name = column.Key, Column = column.Value })],
        Ignored = file.Columns.Ignored,
        Keys = file.Columns.Keys,
    };
}

/// <summary>A column that is read.</summary>
internal sealed record ImportedColumn
{
    /// <summary>Its name in the file.</summary>
    public required string Name { get; init; }

    /// <summary>The name by which it is known here.</summary>
    public required string Column { get; init; }
}

/// <summary>The result of an import. Without it, or with an `error` in it, the import did not finish.</summary>
internal sealed record ImportSummary : ImportLine
{
    /// <summary>SIMs that are new.</summary>
    [Range(0, int.MaxValue)]
    public required long Imported { get; init; }

    /// <summary>SIMs that were there already.</summary>
    [Range(0, int.MaxValue)]
    public required long Present { get; init; }

    /// <summary>Rows that were refused, each with its line.</summary>
    [Range(0, int.MaxValue)]
    public required long Refused { get; init; }

    /// <summary>Those of the present SIMs that were completed or corrected; absent if there are none.</summary>
    [Range(1, int.MaxValue)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required long? Updated { get; init; }

    /// <summary>ICCIDs taken with a wrong check digit; absent if there are none.</summary>
    [Range(1, int.MaxValue)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required long? Warnings { get; init; }

    /// <summary>0 if the file has no card, neither good nor bad; else absent.</summary>
    [Range(0, 0)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required long? Read { get; init; }

    /// <summary>True if this was a dry run, which changed nothing; else absent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required bool? DryRun { get; init; }

    /// <summary>
    /// The problem at which the import broke off; else absent. What is counted was imported. Send the file again: it is `present` then.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required Problem? Error { get; init; }

    public static ImportSummary Of(ImportCounts counts, bool isDryRun, Problem? error = null) => new()
    {
        Error = error,
        Imported = counts.Imported,
        Present = counts.Present,
        Refused = counts.Refused,
        Updated = counts.Updated > 0 ? counts.Updated : null,
        Warnings = counts.Warnings > 0 ? counts.Warnings : null,
        Read = counts.Read == 0 && error is null ? 0 : null,
        DryRun = isDryRun ? true : null,
    };
}
